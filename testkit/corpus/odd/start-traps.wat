;; A start function that traps: no instance, but the module itself is good.
(module
  (func $fail (unreachable))
  (func (export "never") (result i32) (i32.const 1))
  (start $fail))
