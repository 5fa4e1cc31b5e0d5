;; 0061736d010000000105016000017f03020100070501016600000a11010f00439a992b42fd13fd8102fd1b010b
(module
  (func (export "f") (result i32)
    (i32x4.extract_lane 1 (i32x4.relaxed_trunc_f32x4_s (f32x4.splat (f32.const 42.9))))))
