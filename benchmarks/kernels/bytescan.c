/* n passes over 256 KiB of text with byte loops as in a C library: strlen, memchr, a count and a word count. */
#include "kernel.h"

#define BYTES (256 * 1024)

static char text[BYTES + 1];

static NOINLINE uint32_t length_of(const char *at)
{
    const char *start = at;
    while (*at != '\0') {
        at++;
    }

    return (uint32_t)(at - start);
}

static NOINLINE const char *find(const char *at, char wanted, uint32_t length)
{
    for (; length != 0; length--, at++) {
        if (*at == wanted) {
            return at;
        }
    }

    return NULL;
}

static NOINLINE uint32_t count(const char *at, char wanted, uint32_t length)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < length; i++) {
        found += at[i] == wanted;
    }

    return found;
}

static NOINLINE uint32_t count_words(const char *at, uint32_t length)
{
    uint32_t words = 0;
    int inside = 0;
    for (uint32_t i = 0; i < length; i++) {
        char c = at[i];
        if (c == ' ' || c == '\n' || c == '\t') {
            inside = 0;
        } else if (!inside) {
            inside = 1;
            words++;
        }
    }

    return words;
}

RUN int64_t run(int32_t n)
{
    generator g = start_generator(7);
    for (uint32_t i = 0; i < BYTES; i++) {
        uint32_t draw = next_number(&g) >> 8;
        text[i] = draw % 6 == 0 ? ' ' : draw % 61 == 0 ? '\n' : (char)('a' + draw % 26);
    }

    int64_t result = 0;
    for (int32_t pass = 0; pass < n; pass++) {
        /* The end of the text moves with every pass, so that no pass can stand for another. */
        uint32_t end = BYTES - (next_number(&g) & 4095);
        char kept = text[end];
        text[end] = '\0';
        uint32_t length = length_of(text);
        char wanted = (char)('a' + pass % 26);
        uint32_t lines = 0;
        for (const char *at = text; (at = find(at, '\n', length - (uint32_t)(at - text))) != NULL; at++) {
            lines++;
        }

        result = result * 31 + length + lines * 7 + count(text, wanted, length) * 3 + count_words(text, length);
        text[end] = kept;
    }

    return result;
}
