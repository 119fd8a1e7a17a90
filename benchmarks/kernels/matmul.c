/* The product of two n x n matrices of f64 (n up to 768), row by row: streaming loads, a multiply-add and a store. */
#include "kernel.h"

#define LARGEST 768

static double a[LARGEST * LARGEST];
static double b[LARGEST * LARGEST];
static double product[LARGEST * LARGEST];

RUN double run(int32_t n)
{
    if (n < 1 || n > LARGEST) {
        return -1;
    }

    generator g = start_generator(3);
    for (int32_t i = 0; i < n * n; i++) {
        a[i] = (double)(next_number(&g) & 1023) / 64.0 - 8.0;
        b[i] = (double)(next_number(&g) & 1023) / 64.0 - 8.0;
        product[i] = 0;
    }

    for (int32_t i = 0; i < n; i++) {
        for (int32_t k = 0; k < n; k++) {
            double factor = a[i * n + k];
            for (int32_t j = 0; j < n; j++) {
                product[i * n + j] += factor * b[k * n + j];
            }
        }
    }

    double sum = 0;
    for (int32_t i = 0; i < n * n; i++) {
        sum += product[i] * (double)(i % 7 + 1);
    }

    return sum;
}
