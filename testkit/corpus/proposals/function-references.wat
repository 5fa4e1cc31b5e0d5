;; 0061736d01000000010a0260017f017f6000017f030302000107050101660001090501030001000a12020700200041026a0b08004128d20014000b0011046e616d65010401000167040401000174
(module
  (type $t (func (param i32) (result i32)))
  (elem declare func $g)
  (func $g (type $t) (i32.add (local.get 0) (i32.const 2)))
  (func (export "f") (result i32) (call_ref $t (i32.const 40) (ref.func $g))))
