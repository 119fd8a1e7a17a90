/* The primes below 2^18, n times: strided byte stores, then a pass of byte loads. */
#include "kernel.h"

#define LIMIT (1u << 18)

static uint8_t composite[LIMIT];

static NOINLINE uint32_t count_primes(uint32_t limit)
{
    for (uint32_t i = 0; i < limit; i++) {
        composite[i] = 0;
    }

    for (uint32_t i = 2; i * i < limit; i++) {
        if (composite[i] == 0) {
            for (uint32_t j = i * i; j < limit; j += i) {
                composite[j] = 1;
            }
        }
    }

    uint32_t count = 0;
    for (uint32_t i = 2; i < limit; i++) {
        count += composite[i] == 0;
    }

    return count;
}

RUN int64_t run(int32_t n)
{
    generator g = start_generator(5);
    int64_t total = 0;
    for (int32_t round = 0; round < n; round++) {
        total += count_primes(LIMIT - (next_number(&g) & 1023));
    }

    return total;
}
