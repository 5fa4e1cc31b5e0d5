;; 0061736d01000000010c035f017f005e7f006000017f03020102070501016600000a150113004128fb0000fb0200004102fb0701fb0f6a0b000e046e616d65040702000173010161
(module
  (type $s (struct (field i32)))
  (type $a (array i32))
  (func (export "f") (result i32)
    (i32.add
      (struct.get $s 0 (struct.new $s (i32.const 40)))
      (array.len (array.new_default $a (i32.const 2))))))
