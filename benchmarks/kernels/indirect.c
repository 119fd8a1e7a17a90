/* n passes over a program of 4096 steps, each a call through a table of sixteen functions. */
#include "kernel.h"

#define STEPS 4096

typedef uint32_t operation(uint32_t value, uint32_t operand);

static uint32_t op_add(uint32_t v, uint32_t x) { return v + x; }
static uint32_t op_subtract(uint32_t v, uint32_t x) { return v - x; }
static uint32_t op_multiply(uint32_t v, uint32_t x) { return v * (x | 1); }
static uint32_t op_xor(uint32_t v, uint32_t x) { return v ^ x; }
static uint32_t op_or(uint32_t v, uint32_t x) { return v | (x & 0x0F0F0F0F); }
static uint32_t op_and(uint32_t v, uint32_t x) { return v & (x | 0xFFF0FFF0); }
static uint32_t op_not(uint32_t v, uint32_t x) { return ~v + x; }
static uint32_t op_negate(uint32_t v, uint32_t x) { return x - v; }
static uint32_t op_left(uint32_t v, uint32_t x) { return (v << (x & 7)) + x; }
static uint32_t op_right(uint32_t v, uint32_t x) { return (v >> (x & 7)) ^ x; }
static uint32_t op_rotate(uint32_t v, uint32_t x) { return v << (x & 31) | v >> (-x & 31); }
static uint32_t op_smaller(uint32_t v, uint32_t x) { return v < x ? v + 17 : x; }
static uint32_t op_larger(uint32_t v, uint32_t x) { return v > x ? v - 17 : x; }
static uint32_t op_swap(uint32_t v, uint32_t x) { return (v << 16 | v >> 16) + x; }
static uint32_t op_mix(uint32_t v, uint32_t x) { return (v ^ v >> 15) * 0x2C1B3C6Du + x; }
static uint32_t op_count(uint32_t v, uint32_t x) { return v + (uint32_t)__builtin_popcount(x); }

/* Neither static nor const: for all that the compiler knows, another file changes the table. */
operation *operations[16] = {
    op_add,  op_subtract, op_multiply, op_xor,    op_or,     op_and,  op_not, op_negate,
    op_left, op_right,    op_rotate,   op_smaller, op_larger, op_swap, op_mix, op_count,
};

static struct {
    uint32_t opcode;
    uint32_t operand;
} program[STEPS];

RUN int32_t run(int32_t n)
{
    generator g = start_generator(8);
    for (uint32_t i = 0; i < STEPS; i++) {
        program[i].opcode = next_number(&g) >> 28;
        program[i].operand = next_number(&g);
    }

    uint32_t result = 0;
    for (int32_t pass = 0; pass < n; pass++) {
        uint32_t value = (uint32_t)pass;
        for (uint32_t i = 0; i < STEPS; i++) {
            value = operations[program[i].opcode](value, program[i].operand + (uint32_t)pass);
        }

        /* Some steps forget much of what came before, so each pass counts by itself. */
        result = result * 31 + value;
    }

    return (int32_t)result;
}
