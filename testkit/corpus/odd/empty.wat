;; The empty module, whose artifact is the probe of a lane.
(module)
