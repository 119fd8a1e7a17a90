;; Responses that are not where they say, or not as long.
(module
  (type $entry (func (param i32 i32) (result i64)))
  (memory (export "memory") 1)
  (func (export "__wasm_allocate") (param i32) (result i32) (i32.const 1024))
  (func (export "__wasm_deallocate") (param i32 i32))
  (func (export "everything") (type $entry) (i64.const -1))
  (func (export "length_of_4gib") (type $entry) (i64.const 0xffffffff))
  (func (export "at_4gib") (type $entry) (i64.const 0xffffffff00000001))
  (func (export "wraps_to_the_start") (type $entry) (i64.const 0xfffffff000000020))
  (func (export "one_byte_too_long") (type $entry) (i64.const 0x0000000100010000))
  (func (export "empty_behind_the_end") (type $entry) (i64.const 0x0001000100000000))
  (func (export "sign_bit") (type $entry) (i64.const 0x8000000000000000))
  ;; Would be right had the memory grown, which was refused.
  (func (export "in_memory_that_was_refused") (type $entry)
    (drop (memory.grow (i32.const 65535)))
    (i64.const 0x0001000000000010))
  ;; Right now, 2 MiB, and more than a response may have.
  (func (export "too_long") (type $entry)
    (drop (memory.grow (i32.const 63)))
    (i64.const 0x0000000000200000))
  ;; All of a memory that has just grown: this one is honest.
  (func (export "all_of_a_grown_memory") (type $entry)
    (drop (memory.grow (i32.const 7)))
    (i64.const 0x0000000000080000)))
