;; Every entry returns another pointer and length. The memory has 64 pages: 4,194,304 bytes, up to 0x400000.
(module
  (memory (export "memory") 64 64)
  (func (export "__wasm_allocate") (param i32) (result i32) (i32.const 1024))
  (func (export "__wasm_deallocate") (param i32 i32))
  ;; Just past the end.
  (func (export "beyond") (param i32 i32) (result i64) (i64.const 0x0040000000000001))
  ;; Begins inside, ends one byte outside.
  (func (export "across") (param i32 i32) (result i64) (i64.const 0x003fffff00000002))
  ;; Pointer and length both 0xffffffff: their sum does not fit 32 bits.
  (func (export "overflow") (param i32 i32) (result i64) (i64.const -1))
  ;; 0xfffffff0 + 0x20 is 0x10 in 32 bits.
  (func (export "wrap") (param i32 i32) (result i64) (i64.const 0xfffffff000000020))
  ;; A length that is negative as a signed number.
  (func (export "negative") (param i32 i32) (result i64) (i64.const 0x0000000080000000))
  ;; Nothing, but from outside.
  (func (export "empty_beyond") (param i32 i32) (result i64) (i64.const 0x0040000100000000))
  ;; 2 MiB, all inside the memory.
  (func (export "long") (param i32 i32) (result i64) (i64.const 0x0000000000200000))
  ;; The very last byte.
  (func (export "last") (param i32 i32) (result i64)
    (i32.store8 (i32.const 0x3fffff) (i32.const 42))
    (i64.const 0x003fffff00000001))
  ;; Nothing, from the end of the memory: allowed.
  (func (export "empty") (param i32 i32) (result i64) (i64.const 0x0040000000000000)))
