;; Loads from outside its memory, three named calls deep.
(module
  (memory (export "memory") 1)
  (global $next (mut i32) (i32.const 1024))
  (func (export "__wasm_allocate") (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (global.get $next))
    (global.set $next (i32.add (local.get $at) (local.get $size)))
    (local.get $at))
  (func (export "__wasm_deallocate") (param i32 i32))
  (func $innermost (result i64) (i64.load (i32.const -8)))
  (func $middle (result i64) (call $innermost))
  (func $outermost (export "handle") (param i32 i32) (result i64) (call $middle)))
