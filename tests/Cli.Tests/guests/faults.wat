;; Every way to go wrong that a command line can ask for. The functions are named for the backtrace.
(module $faults
  (memory 1)
  (func $divide (param i32 i32) (result i32) local.get 0 local.get 1 i32.div_s)
  (func $middle (param i32 i32) (result i32) local.get 0 local.get 1 call $divide)
  (func $outer (export "divide") (param i32 i32) (result i32) local.get 0 local.get 1 call $middle)
  (func $beyond (export "load") (param i32) (result i32) local.get 0 i32.load)
  (func $deep (export "recurse") (param i32) (result i32)
    local.get 0 i32.const 1 i32.add call $deep i32.const 1 i32.add)
  (func $spin (export "spin") (loop br 0)))
