;; Memory, table and globals, but no function.
;; memory 0 16
(module
  (memory (export "memory") 1)
  (table (export "table") 2 funcref)
  (global (export "answer") i32 (i32.const 42))
  (data (i32.const 0) "no functions\n"))
