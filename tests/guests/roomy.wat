;; Begins with ten pages of memory, and tells how often its instance was called.
(module
  (memory (export "memory") 10)
  (global $calls (mut i32) (i32.const 0))
  (func (export "__wasm_allocate") (param i32) (result i32) (i32.const 1024))
  (func (export "__wasm_deallocate") (param i32 i32))
  (func (export "handle") (param i32 i32) (result i64)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (i32.store8 (i32.const 16) (i32.add (i32.const 48) (global.get $calls)))
    (i64.const 0x1000000001)))
