/* Answers HTTP requests by the ABI extism, see answer.h. */
#include "../extism/host.h"
#include "answer.h"

extern uint8_t __heap_base;

ENTRY(handle)
{
    uint32_t length = (uint32_t)host_input_length();
    uint8_t *in = &__heap_base;
    uint8_t *out = in + length;
    uint32_t pages = (3 * length + 128 + 65535) / 65536;
    if (__builtin_wasm_memory_grow(0, pages) == (size_t)-1) {
        return 1;
    }

    for (uint32_t i = 0; i < length; i++) {
        in[i] = host_input_load_u8(i);
    }

    uint32_t size = answer_http(in, length, out);
    uint64_t block = host_alloc(size);
    for (uint32_t i = 0; i < size; i++) {
        host_store_u8(block + i, out[i]);
    }

    host_output_set(block, size);
    return 0;
}
