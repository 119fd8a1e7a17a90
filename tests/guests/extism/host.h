/* Extism's functions as plug-ins import them, and the few lines around them that the guests here share. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IMPORT(name) __attribute__((import_module("extism:host/env"), import_name(#name))) extern
#define ENTRY(name) __attribute__((export_name(#name))) int32_t name(void)

IMPORT(alloc) uint64_t host_alloc(uint64_t length);
IMPORT(free) void host_free(uint64_t block);
IMPORT(length) uint64_t host_length(uint64_t block);
IMPORT(length_unsafe) uint64_t host_length_unsafe(uint64_t block);
IMPORT(load_u8) uint8_t host_load_u8(uint64_t address);
IMPORT(load_u64) uint64_t host_load_u64(uint64_t address);
IMPORT(store_u8) void host_store_u8(uint64_t address, uint8_t value);
IMPORT(store_u64) void host_store_u64(uint64_t address, uint64_t value);
IMPORT(input_offset) uint64_t host_input_offset(void);
IMPORT(input_length) uint64_t host_input_length(void);
IMPORT(input_load_u8) uint8_t host_input_load_u8(uint64_t offset);
IMPORT(input_load_u64) uint64_t host_input_load_u64(uint64_t offset);
IMPORT(input_set) void host_input_set(uint64_t address, uint64_t length);
IMPORT(output_set) void host_output_set(uint64_t address, uint64_t length);
IMPORT(output_offset) uint64_t host_output_offset(void);
IMPORT(output_length) uint64_t host_output_length(void);
IMPORT(error_set) void host_error_set(uint64_t block);
IMPORT(error_get) uint64_t host_error_get(void);
IMPORT(reset) void host_reset(void);
IMPORT(memory_bytes) uint64_t host_memory_bytes(void);
IMPORT(log_trace) void host_log_trace(uint64_t block);
IMPORT(log_debug) void host_log_debug(uint64_t block);
IMPORT(log_info) void host_log_info(uint64_t block);
IMPORT(log_warn) void host_log_warn(uint64_t block);
IMPORT(log_error) void host_log_error(uint64_t block);
IMPORT(get_log_level) int32_t host_get_log_level(void);
IMPORT(config_get) uint64_t host_config_get(uint64_t key);
IMPORT(var_get) uint64_t host_var_get(uint64_t key);
IMPORT(var_set) void host_var_set(uint64_t key, uint64_t value);
IMPORT(http_request) uint64_t host_http_request(uint64_t request, uint64_t body);
IMPORT(http_status_code) int32_t host_http_status_code(void);
IMPORT(http_headers) uint64_t host_http_headers(void);

static inline uint64_t block_of(const char *text)
{
    uint64_t length = 0;
    while (text[length] != 0) {
        length++;
    }

    uint64_t block = host_alloc(length);
    for (uint64_t i = 0; i < length; i++) {
        host_store_u8(block + i, (uint8_t)text[i]);
    }

    return block;
}

/* A copy of the input, which is gone once it was given to the host. */
static inline uint64_t input_copy(void)
{
    uint64_t length = host_input_length();
    uint64_t block = host_alloc(length);
    for (uint64_t i = 0; i < length; i++) {
        host_store_u8(block + i, host_input_load_u8(i));
    }

    return block;
}

static inline int32_t answer(uint64_t block)
{
    host_output_set(block, host_length(block));
    return 0;
}

static inline int32_t answer_number(uint64_t number)
{
    char digits[24];
    char *at = digits + sizeof digits;
    *--at = 0;
    do {
        *--at = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);

    return answer(block_of(at));
}
