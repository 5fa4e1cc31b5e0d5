;; 0061736d01000000010e0360017f006000017f6000027f69030201010d03010000070501016600000a1d011b00027f1f7f0100000002021f0201010000412a08000b0b0a0b0b0b001e046e616d65031101000200056f757465720205696e6e65720b0401000165
(module
  (tag $e (param i32))
  (func (export "f") (result i32)
    (block $outer (result i32)
      (try_table (result i32) (catch $e $outer)
        (block $inner (result i32 exnref)
          (try_table (result i32 exnref) (catch_ref $e $inner) (throw $e (i32.const 42))))
        (throw_ref)))))
