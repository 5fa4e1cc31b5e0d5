;; A module that only exports what it imports.
;; call add 1 2
(module
  (import "env" "add" (func $add (param i32 i32) (result i32)))
  (import "env" "memory" (memory 1 2))
  (import "env" "table" (table 1 4 funcref))
  (import "env" "base" (global i32))
  (export "add" (func $add))
  (export "memory" (memory 0)))
