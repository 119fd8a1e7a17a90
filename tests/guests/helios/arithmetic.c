/*
 * Functions of SQL. `twice` doubles a whole number; `total` is an aggregate that adds; `calls` tells how often its instance was called;
 * `leak` does the same and keeps 64 KiB of memory each time; `gives` answers its argument as it is, a string without its quotes; `trap` traps;
 * `endless` never ends.
 */
#include <stdint.h>

static uint8_t heap[4096];
static uint32_t used;
static char answer[4096];
static uint32_t answered;
static uint32_t calls_so_far;

__attribute__((export_name("__wasm_allocate"))) void *allocate(uint32_t size) {
    return size > sizeof heap ? 0 : (used = size, heap);
}

__attribute__((export_name("__wasm_deallocate"))) void deallocate(void *block, uint32_t size) {
    (void)block, (void)size;
    used = 0;
}

static uint64_t number(int64_t value) {
    char digits[24];
    uint32_t at = sizeof digits;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do digits[--at] = (char)('0' + rest % 10); while (rest /= 10);
    if (value < 0) digits[--at] = '-';
    answered = 0;
    while (at < sizeof digits) answer[answered++] = digits[at++];
    return (uint64_t)(uint32_t)answer << 32 | answered;
}

/* The number at a place, 0 where there is none. */
static int64_t read(const char *at, const char *end) {
    int negative = at < end && *at == '-';
    int64_t value = 0;
    for (at += negative; at < end && *at >= '0' && *at <= '9'; at++) value = value * 10 + (*at - '0');
    return negative ? -value : value;
}

/* What is behind a text, or the end. */
static const char *behind(const char *at, const char *end, const char *text) {
    for (; at < end; at++) {
        uint32_t i = 0;
        while (text[i] && at + i < end && at[i] == text[i]) i++;
        if (!text[i]) return at + i;
    }
    return end;
}

__attribute__((export_name("twice"))) uint64_t twice(const char *payload, uint32_t length) {
    return number(2 * read(payload + 1, payload + length));
}

__attribute__((export_name("total"))) uint64_t total(const char *payload, uint32_t length) {
    const char *end = payload + length;
    return number(read(behind(payload, end, "\"state\":"), end) + read(behind(payload, end, "\"args\":["), end));
}

__attribute__((export_name("calls"))) uint64_t calls(const char *payload, uint32_t length) {
    (void)payload, (void)length;
    return number(++calls_so_far);
}

__attribute__((export_name("leak"))) uint64_t leak(const char *payload, uint32_t length) {
    (void)payload, (void)length;
    if (__builtin_wasm_memory_grow(0, 1) == (uint32_t)-1) __builtin_trap();
    return number(++calls_so_far);
}

__attribute__((export_name("gives"))) uint64_t gives(const char *payload, uint32_t length) {
    uint32_t from = 1, to = length - 1;
    if (payload[from] == '"') from++, to--;
    answered = 0;
    for (uint32_t i = from; i < to; i++) answer[answered++] = payload[i];
    return (uint64_t)(uint32_t)answer << 32 | answered;
}

__attribute__((export_name("trap"))) uint64_t trap(const char *payload, uint32_t length) {
    (void)payload, (void)length;
    __builtin_trap();
}

__attribute__((export_name("endless"))) uint64_t endless(const char *payload, uint32_t length) {
    (void)payload, (void)length;
    for (volatile int i = 0;; i++) { }
}
