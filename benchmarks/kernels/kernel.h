/* What every kernel shares: the export and a source of numbers that the compiler cannot see through. */
#ifndef KERNEL_H
#define KERNEL_H

#include <stddef.h>
#include <stdint.h>

#define RUN __attribute__((export_name("run")))
#define NOINLINE __attribute__((noinline))

/* Volatile, so that nothing made from it is folded at compile time. */
static volatile uint32_t kernel_seed = 0x9E3779B9u;

typedef struct {
    uint32_t state;
} generator;

static inline generator start_generator(uint32_t salt)
{
    generator g = {(kernel_seed ^ salt * 0x85EBCA6Bu) | 1u};
    return g;
}

/* xorshift32 */
static inline uint32_t next_number(generator *g)
{
    uint32_t x = g->state;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return g->state = x;
}

#endif
