;; 0061736d010000000105016000017f03020100070501016600000a120110004128fd114102fd11fdae01fd1b010b
(module
  (func (export "f") (result i32)
    (i32x4.extract_lane 1 (i32x4.add (i32x4.splat (i32.const 40)) (i32x4.splat (i32.const 2))))))
