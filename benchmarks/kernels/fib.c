/* Fibonacci of n, both calls kept: nothing but direct calls. */
#include "kernel.h"

/* The compiler would make a loop of the second call if all that followed were a sum; the shift, always 0 here, stops it. */
static NOINLINE uint32_t fib(uint32_t n)
{
    if (n < 2) {
        return n;
    }

    uint32_t first = fib(n - 1);
    uint32_t second = fib(n - 2);
    return (first + second) ^ (second >> 31);
}

RUN int32_t run(int32_t n)
{
    return (int32_t)fib((uint32_t)n & 63);
}
