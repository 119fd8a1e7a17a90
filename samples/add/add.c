/* add: two plain exports for `helios run`, without any ABI. */
#include <stdint.h>

__attribute__((export_name("add"))) int32_t add(int32_t a, int32_t b)
{
    return (int32_t)((uint32_t)a + (uint32_t)b);
}

/* Recursive on purpose: something to watch a deadline or a fuel limit with. */
__attribute__((export_name("fib"))) int32_t fib(int32_t n)
{
    return n < 2 ? n : (int32_t)((uint32_t)fib(n - 1) + (uint32_t)fib(n - 2));
}
