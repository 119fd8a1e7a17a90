/* The Mandelbrot set on an n x n grid, four points at a time: f32x4 arithmetic, comparisons and masks. */
#include <wasm_simd128.h>

#include "kernel.h"

#define MOST_STEPS 200

RUN int64_t run(int32_t n)
{
    const v128_t lanes = wasm_f32x4_make(0, 1, 2, 3);
    const v128_t four = wasm_f32x4_splat(4);
    const v128_t scale = wasm_f32x4_splat(3.0f / (float)n);
    const v128_t left = wasm_f32x4_splat(-2.25f);
    int64_t total = 0;
    for (int32_t row = 0; row < n; row++) {
        v128_t cy = wasm_f32x4_splat((float)row * (3.0f / (float)n) - 1.5f);
        for (int32_t column = 0; column < n; column += 4) {
            v128_t at = wasm_f32x4_add(wasm_f32x4_splat((float)column), lanes);
            v128_t cx = wasm_f32x4_add(wasm_f32x4_mul(at, scale), left);
            v128_t x = wasm_f32x4_splat(0);
            v128_t y = x;
            v128_t steps = wasm_i32x4_splat(0);
            for (int32_t step = 0; step < MOST_STEPS; step++) {
                v128_t xx = wasm_f32x4_mul(x, x);
                v128_t yy = wasm_f32x4_mul(y, y);
                v128_t inside = wasm_f32x4_le(wasm_f32x4_add(xx, yy), four);
                if (!wasm_v128_any_true(inside)) {
                    break;
                }

                /* A lane that is inside holds -1. */
                steps = wasm_i32x4_sub(steps, inside);
                v128_t xy = wasm_f32x4_mul(x, y);
                x = wasm_f32x4_add(wasm_f32x4_sub(xx, yy), cx);
                y = wasm_f32x4_add(wasm_f32x4_add(xy, xy), cy);
            }

            total += wasm_i32x4_extract_lane(steps, 0) + wasm_i32x4_extract_lane(steps, 1)
                + wasm_i32x4_extract_lane(steps, 2) + wasm_i32x4_extract_lane(steps, 3);
        }
    }

    return total;
}
