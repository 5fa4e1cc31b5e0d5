;; Every way to trap, and what still works afterwards.
;; call div 7 2
;; call div 7 0
;; call div -2147483648 -1
;; call trunc 1.5
;; call trunc nan
;; call trunc 1e30
;; call load 65532
;; call load 65533
;; call load -1
;; call indirect 0
;; call indirect 1
;; call indirect 2
;; call indirect 3
;; call unreachable
;; call recurse 100
;; call recurse 100000000
;; call div 9 3
(module
  (type $int (func (result i32)))
  (memory 1)
  (table 3 funcref)
  (elem (i32.const 0) $one $wide)
  (func $one (result i32) (i32.const 1))
  (func $wide (result i64) (i64.const 2))
  (func (export "div") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
  (func (export "trunc") (param f64) (result i32) (i32.trunc_f64_s (local.get 0)))
  (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
  (func (export "indirect") (param i32) (result i32) (call_indirect (type $int) (local.get 0)))
  (func (export "unreachable") (unreachable))
  (func $recurse (export "recurse") (param i32) (result i32)
    (if (result i32) (local.get 0)
      (then (i32.add (i32.const 1) (call $recurse (i32.sub (local.get 0) (i32.const 1)))))
      (else (i32.const 0)))))
