;; 128-bit vectors: lanes, arithmetic, shuffles, loads and stores.
;; call dot
;; call shuffle
;; call floats
;; memory 32 16
(module
  (memory (export "memory") 1)
  (data (i32.const 0) "\01\00\02\00\03\00\04\00\05\00\06\00\07\00\08\00\10\20\30\40\50\60\70\80\90\a0\b0\c0\d0\e0\f0\ff")
  (func (export "dot") (result i32)
    (i32x4.extract_lane 3
      (i32x4.dot_i16x8_s (v128.load (i32.const 0)) (v128.load (i32.const 0)))))
  (func (export "shuffle") (result i64)
    (v128.store (i32.const 32)
      (i8x16.shuffle 0 16 1 17 2 18 3 19 4 20 5 21 6 22 7 23
        (v128.load (i32.const 0)) (v128.load (i32.const 16))))
    (i64x2.extract_lane 1 (v128.load (i32.const 32))))
  (func (export "floats") (result f32)
    (f32x4.extract_lane 2
      (f32x4.mul (v128.const f32x4 1.5 2.5 3.5 4.5) (f32x4.sqrt (f32x4.splat (f32.const 2)))))))
