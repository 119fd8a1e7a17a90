/*
 * Judges rows. `handle` refuses a negative total, and fills in a missing date; `allow` allows all; `deny` none; `nonsense` answers no verdict;
 * `foreign` changes a column that there is not; `trap` traps; `echo` refuses with what it got as the reason; `twice` doubles the total.
 */
#include <stdint.h>

static uint8_t heap[1 << 16];
static char answer[1 << 16];

__attribute__((export_name("__wasm_allocate"))) void *allocate(uint32_t size) {
    return size > sizeof heap ? 0 : heap;
}

__attribute__((export_name("__wasm_deallocate"))) void deallocate(void *block, uint32_t size) {
    (void)block, (void)size;
}

static uint32_t put(uint32_t at, const char *text) {
    while (*text) answer[at++] = *text++;
    return at;
}

static uint64_t gives(uint32_t length) {
    return (uint64_t)(uint32_t)answer << 32 | length;
}

static uint64_t says(const char *text) {
    return gives(put(0, text));
}

/* What is behind a text, or null. */
static const char *behind(const char *at, const char *end, const char *text) {
    for (; at < end; at++) {
        uint32_t i = 0;
        while (text[i] && at + i < end && at[i] == text[i]) i++;
        if (!text[i]) return at + i;
    }
    return 0;
}

__attribute__((export_name("handle"))) uint64_t handle(const char *payload, uint32_t length) {
    const char *end = payload + length;
    const char *row = behind(payload, end, "\"new\":{");
    if (!row) return says("{\"allow\":true}");
    const char *total = behind(row, end, "\"total\":");
    if (total && *total == '-') return says("{\"allow\":false,\"reason\":\"the total is negative\"}");
    if (behind(row, end, "\"placed\":null")) return says("{\"allow\":true,\"new\":{\"placed\":\"2026-01-01\"}}");
    return says("{\"allow\":true}");
}

__attribute__((export_name("allow"))) uint64_t allow(const char *payload, uint32_t length) {
    (void)payload, (void)length;
    return says("{\"allow\":true}");
}

__attribute__((export_name("deny"))) uint64_t deny(const char *payload, uint32_t length) {
    (void)payload, (void)length;
    return says("{\"allow\":false,\"reason\":\"nothing may change\"}");
}

__attribute__((export_name("nonsense"))) uint64_t nonsense(const char *payload, uint32_t length) {
    (void)payload, (void)length;
    return says("{\"yes\":1}");
}

__attribute__((export_name("foreign"))) uint64_t foreign(const char *payload, uint32_t length) {
    (void)payload, (void)length;
    return says("{\"allow\":true,\"new\":{\"nothing\":1}}");
}

__attribute__((export_name("trap"))) uint64_t trap(const char *payload, uint32_t length) {
    (void)payload, (void)length;
    __builtin_trap();
}

__attribute__((export_name("echo"))) uint64_t echo(const char *payload, uint32_t length) {
    uint32_t at = put(0, "{\"allow\":false,\"reason\":\"");
    for (uint32_t i = 0; i < length; i++) {
        if (payload[i] == '"' || payload[i] == '\\') answer[at++] = '\\';
        answer[at++] = payload[i];
    }
    return gives(put(at, "\"}"));
}

__attribute__((export_name("twice"))) uint64_t twice(const char *payload, uint32_t length) {
    const char *end = payload + length;
    const char *total = behind(behind(payload, end, "\"new\":{"), end, "\"total\":");
    uint32_t value = 0;
    while (*total >= '0' && *total <= '9') value = value * 10 + (uint32_t)(*total++ - '0');
    value *= 2;
    char digits[12];
    uint32_t count = 0;
    do digits[count++] = (char)('0' + value % 10); while (value /= 10);
    uint32_t at = put(0, "{\"allow\":true,\"new\":{\"total\":");
    while (count) answer[at++] = digits[--count];
    return gives(put(at, "}}"));
}
