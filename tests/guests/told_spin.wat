;; Tells the host that it runs, and never returns.
(module
  (import "test" "running" (func $running))
  (memory (export "memory") 1)
  (func (export "handle") (param i32 i32) (result i64)
    (call $running)
    (loop $again (br $again))
    (unreachable)))
