;; 0061736d010000000105016000017f030201000503010001070501016600000a120110004108412a4104fc0b00410b2d00000b
(module
  (memory 1)
  (func (export "f") (result i32)
    (memory.fill (i32.const 8) (i32.const 42) (i32.const 4)) (i32.load8_u (i32.const 11))))
