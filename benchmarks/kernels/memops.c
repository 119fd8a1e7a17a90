/* n rounds of memory.copy and memory.fill, some of a few bytes, some of up to 64 KiB, sizes known only when run. */
#include "kernel.h"

#define BYTES (1u << 20)

static uint8_t data[BYTES];

static NOINLINE void copy(uint32_t to, uint32_t from, uint32_t length)
{
    __builtin_memmove(data + to, data + from, length);
}

static NOINLINE void fill(uint32_t at, uint8_t value, uint32_t length)
{
    __builtin_memset(data + at, value, length);
}

RUN int64_t run(int32_t n)
{
    generator g = start_generator(9);
    for (uint32_t i = 0; i < BYTES; i++) {
        data[i] = (uint8_t)next_number(&g);
    }

    for (int32_t round = 0; round < n; round++) {
        /* Seven small ones to each large one, as programs have it. */
        for (int i = 0; i < 7; i++) {
            uint32_t draw = next_number(&g);
            uint32_t length = draw >> 24;
            copy(draw & 0xFFFF, next_number(&g) & 0xFFFF, length);
            fill(draw >> 4 & 0xFFFF, (uint8_t)draw, length & 63);
        }

        uint32_t draw = next_number(&g);
        copy(draw & 0x7FFFF, 0x80000 + (draw >> 8 & 0x3FFFF), next_number(&g) & 0xFFFF);
        fill(0xC0000 + (draw >> 14 & 0xFFFF), (uint8_t)draw, next_number(&g) & 0xFFFF);
    }

    uint64_t hash = 14695981039346656037u;
    for (uint32_t i = 0; i < BYTES; i += 8) {
        hash = (hash ^ *(const uint64_t *)(data + i)) * 1099511628211u;
    }

    return (int64_t)hash;
}
