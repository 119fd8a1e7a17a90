;; A module with a start export of its own, as a command has.
(module $command
  (func $_start (export "_start"))
  (func (export "answer") (result i32) i32.const 42))
