;; 0061736d010000000105016000017f03020100050401030101070501016600000a140112004100412afe17020041004101fe1e02000b
(module
  (memory 1 1 shared)
  (func (export "f") (result i32)
    (i32.atomic.store (i32.const 0) (i32.const 42)) (i32.atomic.rmw.add (i32.const 0) (i32.const 1))))
