/* Entries that need no capability, most of them doing what plug-ins should not. */
#include "host.h"

#define FAR (UINT64_C(1) << 40)

static uint64_t kept;

ENTRY(fail)
{
    host_error_set(input_copy());
    return 3;
}

ENTRY(fail_silently)
{
    return -7;
}

ENTRY(fail_with_result_zero)
{
    host_error_set(input_copy());
    return 0;
}

ENTRY(change_its_mind)
{
    host_error_set(input_copy());
    host_error_set(0);
    return answer(block_of("fine after all"));
}

ENTRY(trap_with_words)
{
    host_error_set(input_copy());
    __builtin_trap();
}

__attribute__((export_name("no_result"))) void no_result(void)
{
    answer(block_of("no result"));
}

ENTRY(spin)
{
    for (;;) {
        host_load_u8(host_input_offset());
    }
}

/* Counts instances: always the first. */
ENTRY(count)
{
    return answer_number(++kept);
}

/* Stores what every function of the memory says about blocks good and bad; 1 for each that is as it should be. */
ENTRY(blocks)
{
    uint64_t input = host_input_offset();
    uint64_t a = host_alloc(100);
    uint64_t b = host_alloc(8);
    bool good[] = {
        host_length(input) == host_input_length(),
        host_alloc(0) == 0,
        host_length(0) == 0,
        host_length(a) == 100 && host_length_unsafe(a) == 100,
        host_length(a + 1) == 0 && host_length_unsafe(a + 1) == 0,
        b >= a + 100 || a >= b + 8,
        host_load_u64(a) == 0 && host_load_u64(a + 92) == 0,
        (host_store_u64(a, UINT64_C(0x0123456789abcdef)), host_load_u64(a) == UINT64_C(0x0123456789abcdef)),
        host_load_u8(a) == 0xef && host_load_u8(a + 7) == 0x01,
        (host_store_u8(a + 1, 0xff), host_load_u64(a) == UINT64_C(0x0123456789abffef)),
        (host_free(a), host_length(a) == 0),
        (host_free(a), host_free(0), host_free(FAR), host_length(b) == 8),
        host_input_load_u8(host_input_length()) == 0 && host_input_load_u64(host_input_length() - 7) == 0,
        host_input_load_u8(UINT64_MAX) == 0 && host_input_load_u64(UINT64_MAX - 7) == 0,
        (host_input_set(b, 4), host_input_offset() == b && host_input_length() == 4),
        (host_output_set(b, 5), host_output_offset() == b && host_output_length() == 5),
        (host_output_set(0, 0), host_output_offset() == b && host_output_length() == 5),
        (host_free(b), host_input_length() == 0),
        (host_error_set(b), host_error_get() == b),
        host_memory_bytes() >= 65536 && host_memory_bytes() % 65536 == 0,
        (host_reset(), host_input_length() == 0 && host_output_length() == 0 && host_error_get() == 0),
        host_length(input) == 0,
    };
    char text[sizeof good + 1];
    for (size_t i = 0; i < sizeof good; i++) {
        text[i] = (char)('0' + good[i]);
    }

    text[sizeof good] = 0;
    return answer(block_of(text));
}

/* Two steps over the wall are forgiven. */
ENTRY(stumble)
{
    uint64_t loaded = host_load_u64(FAR);
    host_store_u64(host_memory_bytes() - 7, 1);
    return answer_number(loaded);
}

ENTRY(probe)
{
    for (uint64_t address = 0;; address += 65536) {
        host_load_u8(FAR + address);
    }
}

ENTRY(output_outside)
{
    host_output_set(host_memory_bytes() - 1, 2);
    host_output_set(host_input_offset(), UINT64_MAX);
    return 0;
}

/* Takes all the memory that it can get, says how many MiB that are. */
ENTRY(hog)
{
    uint64_t blocks = 0;
    while (host_alloc(1 << 20) != 0) {
        blocks++;
    }

    return answer_number(blocks);
}

/* As kits do that do not look at what alloc returned. */
ENTRY(hog_and_store)
{
    for (;;) {
        uint64_t block = host_alloc(1 << 20);
        host_store_u8(block, 1);
    }
}

ENTRY(hog_and_trap)
{
    while (host_alloc(1 << 20) != 0) {
    }

    __builtin_trap();
}

/* What was freed is used again before the memory grows. */
ENTRY(recycle)
{
    for (int i = 0; i < 10000; i++) {
        uint64_t block = host_alloc(60000);
        if (block == 0 || host_load_u64(block) != 0 || host_load_u64(block + 59992) != 0) {
            return 1;
        }

        host_store_u64(block, UINT64_MAX);
        host_store_u64(block + 59992, UINT64_MAX);
        host_free(block);
    }

    return answer_number(host_memory_bytes() <= 3 * 65536);
}
