;; A start function that traps: the module is valid but cannot be instantiated.
(module
  (func $fail (unreachable))
  (func (export "never") (result i32) (i32.const 1))
  (start $fail))
