;; 0061736d010000000107026000017f5d00030302000007050101660001090501030001000a10020400412a0b0900d200e001e301000b0014046e616d65010401000167040702000166010163
(module
  (type $f (func (result i32)))
  (type $c (cont $f))
  (elem declare func $g)
  (func $g (type $f) (i32.const 42))
  (func (export "f") (result i32) (resume $c (cont.new $c (ref.func $g)))))
