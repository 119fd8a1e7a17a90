;; One function for each value type that gives back what it got, and one with several results.
(module $values
  (func (export "i32") (param i32) (result i32) local.get 0)
  (func (export "i64") (param i64) (result i64) local.get 0)
  (func (export "f32") (param f32) (result f32) local.get 0)
  (func (export "f64") (param f64) (result f64) local.get 0)
  (func (export "v128") (param v128) (result v128) local.get 0)
  (func (export "lane0") (param v128) (result i32) local.get 0 i8x16.extract_lane_u 0)
  (func (export "externref") (param externref) (result externref) local.get 0)
  (func $self (export "funcref") (result funcref) ref.func $self)
  (func (export "is_negative") (param i32) (result i32) local.get 0 i32.const 0 i32.lt_s)
  (func (export "swap") (param i32 f64) (result f64 i32) local.get 1 local.get 0)
  (func (export "nothing"))
  (memory (export "memory") 1))
