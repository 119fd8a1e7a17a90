/* CRC-32 by a table of 256, n passes over 64 KiB: a chain of dependent byte loads and table loads. */
#include "kernel.h"

#define BYTES 65536

static uint32_t table[256];
static uint8_t data[BYTES];

RUN int64_t run(int32_t n)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t value = i;
        for (int bit = 0; bit < 8; bit++) {
            value = value & 1 ? value >> 1 ^ 0xEDB88320u : value >> 1;
        }

        table[i] = value;
    }

    generator g = start_generator(1);
    for (uint32_t i = 0; i < BYTES; i++) {
        data[i] = (uint8_t)next_number(&g);
    }

    uint32_t crc = ~0u;
    for (int32_t pass = 0; pass < n; pass++) {
        for (uint32_t i = 0; i < BYTES; i++) {
            crc = crc >> 8 ^ table[(crc ^ data[i]) & 0xFF];
        }
    }

    return (int64_t)(uint64_t)~crc;
}
