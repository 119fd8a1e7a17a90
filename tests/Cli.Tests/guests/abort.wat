;; Its start export traps, so that a test sees that it was called.
(module $abort
  (func $_start (export "_start") unreachable))
