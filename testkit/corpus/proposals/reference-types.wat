;; 0061736d010000000105016000017f030201000404016f002a070501016600000a160114004101d06f2600fc100041012500d141016b6a0b000b046e616d65050401000174
(module
  (table $t 42 externref)
  (func (export "f") (result i32)
    (table.set $t (i32.const 1) (ref.null extern))
    (i32.add (table.size $t) (i32.sub (ref.is_null (table.get $t (i32.const 1))) (i32.const 1)))))
