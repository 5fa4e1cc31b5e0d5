;; Two memories: one is filled, the other gets a copy.
;; call move 5
;; memory 0 4
(module
  (memory $from 1)
  (memory $to (export "memory") 1)
  (data (memory $from) (i32.const 0) "ABCDEFGH")
  (func (export "move") (param $n i32) (result i32)
    (memory.copy $to $from (i32.const 0) (i32.const 2) (local.get $n))
    (i32.add (i32.load8_u $to (i32.const 0)) (memory.grow $from (i32.const 1)))))
