;; The smallest module: what a probe compiles.
(module)
