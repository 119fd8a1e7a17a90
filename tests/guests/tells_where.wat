;; Logs its payload, then computes for as long as the payload's first byte says, in units of about ten million steps, and without end
;; where it says 255; answers with nothing.
(module
  (import "heliosdb" "log" (func $log (param i32 i32 i32) (result i32)))
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
    (drop (call $log (i32.const 3) (local.get $at) (local.get $size)))
    (local.set $steps (i32.mul (i32.load8_u (local.get $at)) (i32.const 10000000)))
    (if (i32.eq (i32.load8_u (local.get $at)) (i32.const 255))
      (then (loop $ever (br $ever))))
    (block $done
      (loop $again
        (br_if $done (i32.eqz (local.get $steps)))
        (local.set $steps (i32.sub (local.get $steps) (i32.const 1)))
        (br $again)))
    (i64.const 0)))
