;; An allocator that does something else for each size of payload, before the entry is ever called.
(module
  (memory (export "memory") 1 2000)
  (func $recurse (param i32) (result i32) (i32.add (call $recurse (local.get 0)) (i32.const 1)))
  (func (export "__wasm_allocate") (param $size i32) (result i32)
    (if (i32.eq (local.get $size) (i32.const 1)) (then (return (i32.const 0))))
    (if (i32.eq (local.get $size) (i32.const 2)) (then (return (i32.const -1))))
    (if (i32.eq (local.get $size) (i32.const 3)) (then (return (i32.const 65534))))
    (if (i32.eq (local.get $size) (i32.const 4)) (then (return (i32.const 0x80000000))))
    (if (i32.eq (local.get $size) (i32.const 5)) (then (loop $again (br $again))))
    (if (i32.eq (local.get $size) (i32.const 6)) (then (unreachable)))
    (if (i32.eq (local.get $size) (i32.const 7)) (then (return (call $recurse (i32.const 0)))))
    (if (i32.eq (local.get $size) (i32.const 8))
      (then
        (loop $grow (br_if $grow (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
        (return (i32.const 0))))
    ;; The last nine bytes of the memory: the host must not write a tenth.
    (if (i32.eq (local.get $size) (i32.const 9)) (then (return (i32.const 65527))))
    (i32.const 1024))
  (func (export "__wasm_deallocate") (param i32 i32))
  (func (export "handle") (param $at i32) (param $size i32) (result i64)
    (i64.or (i64.shl (i64.extend_i32_u (local.get $at)) (i64.const 32)) (i64.extend_i32_u (local.get $size)))))
