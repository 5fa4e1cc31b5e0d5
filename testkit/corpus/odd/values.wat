;; Several results, references, bulk memory, sign extension, saturation, branch tables.
;; call swap 1 2
;; call fill 7
;; call which 0
;; call which 2
;; call which 99
;; call extend 200
;; call saturate nan
;; call saturate 1e30
;; call reference
;; call float 0.1
(module
  (memory (export "memory") 1)
  (table $t 4 funcref)
  (elem declare func $swap)
  (func $swap (export "swap") (param i32 i64) (result i64 i32) (local.get 1) (local.get 0))
  (func (export "fill") (param i32) (result i64)
    (memory.fill (i32.const 8) (local.get 0) (i32.const 9))
    (memory.copy (i32.const 12) (i32.const 9) (i32.const 8))
    (i64.load (i32.const 13)))
  (func (export "which") (param i32) (result i32)
    (block $c (block $b (block $a (br_table $a $b $c (local.get 0)))
      (return (i32.const 10))) (return (i32.const 20)))
    (i32.const 30))
  (func (export "extend") (param i32) (result i32) (i32.extend8_s (local.get 0)))
  (func (export "saturate") (param f64) (result i64) (i64.trunc_sat_f64_s (local.get 0)))
  (func (export "reference") (result i32)
    (table.set $t (i32.const 2) (ref.func $swap))
    (i32.add
      (i32.mul (i32.const 10) (table.grow $t (ref.null func) (i32.const 3)))
      (ref.is_null (table.get $t (i32.const 1)))))
  (func (export "float") (param f32) (result f64) (f64.promote_f32 (f32.nearest (f32.mul (local.get 0) (f32.const 15))))))
