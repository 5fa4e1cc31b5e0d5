;; 0061736d010000000105016000017f03020100070501016600000a10010e004228420042024200fc131aa70b
(module
  (func (export "f") (result i32)
    (i64.add128 (i64.const 40) (i64.const 0) (i64.const 2) (i64.const 0)) (drop) (i32.wrap_i64)))
