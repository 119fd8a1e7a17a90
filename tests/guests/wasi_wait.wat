;; Waits for ten minutes without using a processor, or until it is taken back. Has no need of an ABI besides WASI.
(module
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  ;; A subscription: user data at 0, kind clock at 8, clock monotonic at 16, 600 s in nanoseconds at 24, relative.
  (data (i32.const 16) "\01")
  (func (export "_start")
    (i64.store (i32.const 24) (i64.const 600000000000))
    (drop (call $poll_oneoff (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128)))))
