/*
 * Does what the strings of a JSON array say, one after the other, and answers an array of what came of each: JSON, or the code of what failed.
 * "x SQL" executes, "q SQL" queries, "o NAME SQL" queries a database with a name, "c NAME ARGUMENTS" calls a procedure, "e" gives the last
 * error, "f REASON" gives up, "t" traps, "s" never ends, "n" makes the answer no JSON.
 */
#include "../../../samples/sdk/c/heliosdb.h"

static uint8_t heap[1 << 20];
static uint32_t used;
static char answer[1 << 16];
static uint32_t answered;

__attribute__((export_name("__wasm_allocate"))) void *allocate(uint32_t size) {
    if (size > sizeof heap - used) return 0;
    void *block = heap + used;
    used += (size + 7) & ~7u;
    return block;
}

__attribute__((export_name("__wasm_deallocate"))) void deallocate(void *block, uint32_t size) {
    (void)block, (void)size;
}

static void say(const char *text, uint32_t length) {
    if (length > sizeof answer - answered) __builtin_trap();
    for (uint32_t i = 0; i < length; i++) answer[answered++] = text[i];
}

static void say_code(int32_t code) {
    char digits[12];
    uint32_t at = sizeof digits;
    uint32_t rest = code < 0 ? (uint32_t)-code : (uint32_t)code;
    do digits[--at] = (char)('0' + rest % 10); while (rest /= 10);
    if (code < 0) digits[--at] = '-';
    say(digits + at, sizeof digits - at);
}

/* Reads a string in place, its escapes undone; gives what is behind it. */
static char *unescape(char *at, char **text, uint32_t *length) {
    char *to = *text = ++at;
    while (*at != '"') {
        if (*at == '\\') {
            at++;
            *to++ = *at == 'n' ? '\n' : *at;
            if (*at == 'u') {
                char code = 0;
                for (int i = 1; i <= 4; i++) code = (char)(code * 16 + (at[i] <= '9' ? at[i] - '0' : (at[i] | 32) - 'a' + 10));
                to[-1] = code;
                at += 4;
            }
            at++;
        } else {
            *to++ = *at++;
        }
    }
    *length = (uint32_t)(to - *text);
    return at + 1;
}

static uint32_t word(const char *text, uint32_t length) {
    uint32_t i = 0;
    while (i < length && text[i] != ' ') i++;
    return i;
}

static void step(char *text, uint32_t length) {
    char *rest = length > 2 ? text + 2 : text;
    uint32_t left = length > 2 ? length - 2 : 0;
    uint32_t name = word(rest, left);
    uint32_t behind = left > name ? left - name - 1 : 0;
    char *json = 0;
    uint32_t size = 0;
    int32_t code = 0;
    switch (text[0]) {
        case 'x': code = helios_db_execute(rest, left, 0, 0, &json, &size); break;
        case 'q': code = helios_db_query(rest, left, 0, 0, &json, &size); break;
        case 'o': code = helios_db_query_on(rest, name, rest + name + 1, behind, 0, 0, &json, &size); break;
        case 'c': code = helios_proc_call(rest, name, rest + name + 1, behind, &json, &size); break;
        case 'e': code = helios_db_last_error(&json, &size); break;
        case 'f': helios_proc_fail(rest, left); break;
        case 't': __builtin_trap();
        case 's': for (volatile int i = 0;; i++) { }
        default: break;
    }
    if (code != 0) say_code(code);
    else if (size != 0) say(json, size);
    else if (text[0] != 'n') say("null", 4);
}

__attribute__((export_name("handle"))) uint64_t handle(char *payload, uint32_t length) {
    char *end = payload + length;
    say("[", 1);
    for (char *at = payload; at < end;) {
        if (*at != '"') {
            at++;
            continue;
        }
        char *text;
        uint32_t size;
        at = unescape(at, &text, &size);
        if (answered > 1) say(",", 1);
        step(text, size);
    }
    say("]", 1);
    return (uint64_t)(uint32_t)answer << 32 | answered;
}
