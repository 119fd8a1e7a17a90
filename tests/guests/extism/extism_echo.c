/* Nothing but the memory functions: answers with its input, eight bytes at a time. */
#include "host.h"

ENTRY(echo)
{
    uint64_t length = host_input_length();
    uint64_t block = host_alloc(length);
    uint64_t i = 0;
    for (; i + 8 <= length; i += 8) {
        host_store_u64(block + i, host_input_load_u64(i));
    }

    for (; i < length; i++) {
        host_store_u8(block + i, host_input_load_u8(i));
    }

    host_output_set(block, length);
    return 0;
}
