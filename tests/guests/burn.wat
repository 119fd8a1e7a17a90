;; Computes for as long as its payload's first byte says, in units of about ten million steps, then answers with nothing.
(module
  (memory (export "memory") 1)
  (global $next (mut i32) (i32.const 1024))
  (func (export "__wasm_allocate") (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (global.get $next))
    (global.set $next (i32.add (local.get $at) (local.get $size)))
    (local.get $at))
  (func (export "__wasm_deallocate") (param i32 i32))
  (func (export "handle") (param $at i32) (param $size i32) (result i64)
    (local $steps i32)
    (local.set $steps (i32.mul (i32.load8_u (local.get $at)) (i32.const 10000000)))
    (loop $again
      (br_if $again (local.tee $steps (i32.sub (local.get $steps) (i32.const 1)))))
    (i64.const 0)))
