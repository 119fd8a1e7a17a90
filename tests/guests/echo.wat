;; Answers with its payload; its allocator grows the memory as needed and returns 0 when that is refused.
(module
  (memory (export "memory") 1)
  (global $next (mut i32) (i32.const 1024))
  (func (export "__wasm_allocate") (param $size i32) (result i32)
    (local $at i32)
    (local $missing i64)
    (local.set $at (global.get $next))
    (local.set $missing
      (i64.sub
        (i64.add (i64.extend_i32_u (local.get $at)) (i64.extend_i32_u (local.get $size)))
        (i64.shl (i64.extend_i32_u (memory.size)) (i64.const 16))))
    (if (i64.gt_s (local.get $missing) (i64.const 0))
      (then
        (if (i32.eq
              (memory.grow (i32.wrap_i64 (i64.shr_u (i64.add (local.get $missing) (i64.const 65535)) (i64.const 16))))
              (i32.const -1))
          (then (return (i32.const 0))))))
    (global.set $next (i32.add (local.get $at) (local.get $size)))
    (local.get $at))
  (func (export "__wasm_deallocate") (param i32 i32))
  (func (export "handle") (param $at i32) (param $size i32) (result i64)
    (i64.or (i64.shl (i64.extend_i32_u (local.get $at)) (i64.const 32)) (i64.extend_i32_u (local.get $size)))))
