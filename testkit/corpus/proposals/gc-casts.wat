;; 0061736d01000000010e035f017f0060016e017f6000017f0303020102070501016600010a17020b002000fb1600fb0200000b0900412afb000010000b0013046e616d650106010003676574040401000173
(module
  (type $s (struct (field i32)))
  (func $get (param (ref null any)) (result i32) (struct.get $s 0 (ref.cast (ref $s) (local.get 0))))
  (func (export "f") (result i32) (call $get (struct.new $s (i32.const 42)))))
