;; 0061736d01000000010a0260017f017f6000017f03030200010405017001010107050101660001090901020041000b0001000a13020700200041026a0b0900412841001300000b0011046e616d65010401000167040401000174
(module
  (type $t (func (param i32) (result i32)))
  (table funcref (elem $g))
  (func $g (type $t) (i32.add (local.get 0) (i32.const 2)))
  (func (export "f") (result i32) (return_call_indirect (type $t) (i32.const 40) (i32.const 0))))
