/*
 * wordcount: counts the bytes, lines and words of a UTF-8 text and names its most frequent words, as JSON:
 *
 *     {"bytes":44,"lines":1,"words":9,"unique":8,"top":[{"word":"the","count":2},...]}
 *
 * A word is a run of ASCII letters and digits, apostrophes inside it, and any character outside ASCII; ASCII letters
 * are compared in lower case. Bytes that are not UTF-8 separate words.
 */
#include "../sdk/c/helios.h"

#define TOP_WORDS 5
#define FIRST_SLOTS 256u
/* A longer word is cut here, so that five of them keep the response small. */
#define MAX_WORD_BYTES 128u

typedef struct {
    const uint8_t *text;
    uint32_t length;
    uint32_t hash;
    uint32_t count; /* 0: the slot is empty */
} word;

typedef struct {
    word *slots;
    uint32_t capacity; /* a power of two */
    uint32_t used;
} word_table;

typedef struct {
    uint8_t *bytes;
    uint32_t length;
} writer;

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

static int is_ascii_word_byte(uint8_t c)
{
    return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9');
}

static int is_continuation(const uint8_t *text, uint32_t at, uint32_t end)
{
    return at < end && (text[at] & 0xC0) == 0x80;
}

/* The length of the UTF-8 sequence outside ASCII at `at`, or 0 when there is no valid one. */
static uint32_t sequence_length(const uint8_t *text, uint32_t at, uint32_t end)
{
    uint8_t lead = text[at];
    if (lead < 0xC2 || lead > 0xF4 || !is_continuation(text, at + 1, end)) {
        return 0;
    }

    uint8_t second = text[at + 1];
    if (lead < 0xE0) {
        return 2;
    }

    if (!is_continuation(text, at + 2, end)) {
        return 0;
    }

    if (lead < 0xF0) {
        int overlong = lead == 0xE0 && second < 0xA0;
        int surrogate = lead == 0xED && second > 0x9F;
        return overlong || surrogate ? 0 : 3;
    }

    int overlong = lead == 0xF0 && second < 0x90;
    int beyond = lead == 0xF4 && second > 0x8F;
    return overlong || beyond || !is_continuation(text, at + 3, end) ? 0 : 4;
}

/* The length of the word character at `at`, or 0 when a word ends there. */
static uint32_t word_character(const uint8_t *text, uint32_t at, uint32_t end, int inside)
{
    uint8_t c = text[at];
    if (c >= 0x80) {
        return sequence_length(text, at, end);
    }

    if (c == '\'') {
        return inside && at + 1 < end && is_ascii_word_byte(text[at + 1]) ? 1 : 0;
    }

    return is_ascii_word_byte(c) ? 1 : 0;
}

static int same_word(const word *known, const uint8_t *text, uint32_t length, uint32_t hash)
{
    if (known->hash != hash || known->length != length) {
        return 0;
    }

    for (uint32_t i = 0; i < length; i++) {
        if (lower(known->text[i]) != lower(text[i])) {
            return 0;
        }
    }

    return 1;
}

static word *find_slot(word_table *table, const uint8_t *text, uint32_t length, uint32_t hash)
{
    uint32_t slot = hash & (table->capacity - 1);
    while (table->slots[slot].count != 0 && !same_word(&table->slots[slot], text, length, hash)) {
        slot = (slot + 1) & (table->capacity - 1);
    }

    return &table->slots[slot];
}

static int resize(word_table *table, uint32_t capacity)
{
    word *slots = helios_allocate(capacity * (uint32_t)sizeof(word));
    if (slots == NULL) {
        return 0;
    }

    __builtin_memset(slots, 0, capacity * sizeof(word));
    word_table larger = {slots, capacity, table->used};
    for (uint32_t i = 0; i < table->capacity; i++) {
        const word *old = &table->slots[i];
        if (old->count != 0) {
            *find_slot(&larger, old->text, old->length, old->hash) = *old;
        }
    }

    helios_release(table->slots);
    *table = larger;
    return 1;
}

static int count_word(word_table *table, const uint8_t *text, uint32_t length)
{
    uint32_t hash = 2166136261u;
    for (uint32_t i = 0; i < length; i++) {
        hash = (hash ^ lower(text[i])) * 16777619u;
    }

    /* At most three quarters full, so that probing stays short. */
    if (table->used >= table->capacity / 4 * 3 && !resize(table, table->capacity * 2)) {
        return 0;
    }

    word *slot = find_slot(table, text, length, hash);
    if (slot->count == 0) {
        table->used++;
        slot->text = text;
        slot->length = length;
        slot->hash = hash;
    }

    slot->count++;
    return 1;
}

/* More frequent first; equally frequent words in the order in which the text has them. */
static int ranks_before(const word *a, const word *b)
{
    return a->count != b->count ? a->count > b->count : a->text < b->text;
}

static uint32_t pick_top(const word_table *table, word top[TOP_WORDS])
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < table->capacity; i++) {
        const word *candidate = &table->slots[i];
        if (candidate->count == 0) {
            continue;
        }

        uint32_t place = found;
        while (place > 0 && ranks_before(candidate, &top[place - 1])) {
            if (place < TOP_WORDS) {
                top[place] = top[place - 1];
            }

            place--;
        }

        if (place < TOP_WORDS) {
            top[place] = *candidate;
            found = found < TOP_WORDS ? found + 1 : TOP_WORDS;
        }
    }

    return found;
}

static void write_text(writer *out, const char *text)
{
    while (*text != '\0') {
        out->bytes[out->length++] = (uint8_t)*text++;
    }
}

static void write_number(writer *out, uint32_t value)
{
    uint8_t digits[10];
    uint32_t count = 0;
    do {
        digits[count++] = (uint8_t)('0' + value % 10);
        value /= 10;
    } while (value != 0);

    while (count > 0) {
        out->bytes[out->length++] = digits[--count];
    }
}

HELIOS_EXPORT("handle") helios_response handle(const uint8_t *payload, uint32_t length)
{
    word_table table = {NULL, 0, 0};
    uint8_t *response = helios_allocate(256 + TOP_WORDS * (MAX_WORD_BYTES + 64));
    if (response == NULL || !resize(&table, FIRST_SLOTS)) {
        return helios_respond_text("error: out of memory");
    }

    uint32_t lines = 0;
    uint32_t words = 0;
    uint32_t at = 0;
    while (at < length) {
        uint32_t start = at;
        uint32_t kept = 0;
        uint32_t step;
        while (at < length && (step = word_character(payload, at, length, at > start)) != 0) {
            if (at + step - start <= MAX_WORD_BYTES) {
                kept = at + step - start;
            }

            at += step;
        }

        if (at > start) {
            words++;
            if (!count_word(&table, payload + start, kept)) {
                return helios_respond_text("error: out of memory");
            }
        } else {
            lines += payload[at] == '\n';
            at++;
        }
    }

    /* A last line without a newline is a line too. */
    lines += length > 0 && payload[length - 1] != '\n';

    word top[TOP_WORDS];
    uint32_t listed = pick_top(&table, top);
    writer out = {response, 0};
    write_text(&out, "{\"bytes\":");
    write_number(&out, length);
    write_text(&out, ",\"lines\":");
    write_number(&out, lines);
    write_text(&out, ",\"words\":");
    write_number(&out, words);
    write_text(&out, ",\"unique\":");
    write_number(&out, table.used);
    write_text(&out, ",\"top\":[");
    for (uint32_t i = 0; i < listed; i++) {
        write_text(&out, i == 0 ? "{\"word\":\"" : ",{\"word\":\"");
        for (uint32_t j = 0; j < top[i].length; j++) {
            out.bytes[out.length++] = lower(top[i].text[j]);
        }

        write_text(&out, "\",\"count\":");
        write_number(&out, top[i].count);
        write_text(&out, "}");
    }

    write_text(&out, "]}\n");
    return helios_respond(out.bytes, out.length);
}
