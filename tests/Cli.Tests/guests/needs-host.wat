;; Needs a host function that the command does not offer.
(module $needs_host
  (import "env" "log" (func (param i32)))
  (func (export "_start")))
