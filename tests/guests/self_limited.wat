;; Asks for more memory than its own maximum and traps when it is refused: its own doing, not the sandbox's.
(module
  (memory (export "memory") 1 1)
  (func (export "__wasm_allocate") (param i32) (result i32) (i32.const 1024))
  (func (export "__wasm_deallocate") (param i32 i32))
  (func (export "handle") (param i32 i32) (result i64)
    (drop (memory.grow (i32.const 1)))
    (unreachable)))
