;; Answers with nothing, after as many calls within each other as its first parameter says.
(module
  (memory (export "memory") 1)
  (func (export "__wasm_allocate") (param $size i32) (result i32) (i32.const 1024))
  (func (export "__wasm_deallocate") (param i32 i32))
  (func $deeper (param $calls i32) (result i64)
    (if (result i64) (local.get $calls)
      (then (i64.add (call $deeper (i32.sub (local.get $calls) (i32.const 1))) (i64.const 0)))
      (else (i64.const 0))))
  (func (export "handle") (param i32 i32) (result i64) (call $deeper (local.get 0))))
