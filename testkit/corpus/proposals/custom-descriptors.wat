;; 0061736d01000000010f024e024d015f004c005f006000017f03020102070501016600000a0d010b00fb0001fb20001a412a0b000e046e616d65040702000161010162
(module
  (rec (type $a (descriptor $b) (struct)) (type $b (describes $a) (struct)))
  (func (export "f") (result i32) (drop (struct.new_desc $a (struct.new $b))) (i32.const 42)))
