/*
 * json.h: reads JSON where it lies and writes JSON, for functions that talk to the database.
 *
 * Include it after helios.h. A value stays the text that it is: it can go into a parameter as it came. What the host gives is well
 * formed; in anything else values are missing, and nothing outside the text is read.
 */
#ifndef HELIOS_JSON_H
#define HELIOS_JSON_H

#include "helios.h"

/** A part of a text. Length 0: there is no such value. */
typedef struct {
    const char *text;
    uint32_t length;
} helios_json;

static inline uint32_t helios_json_space(helios_json in, uint32_t at)
{
    while (at < in.length && (uint8_t)in.text[at] <= ' ') {
        at++;
    }

    return at;
}

/* What is behind the string whose first quote is at `at`. */
static inline uint32_t helios_json_string_end(helios_json in, uint32_t at)
{
    for (at++; at < in.length && in.text[at] != '"'; at++) {
        at += in.text[at] == '\\';
    }

    return at < in.length ? at + 1 : in.length;
}

/* What is behind the value that begins at `at`. */
static inline uint32_t helios_json_end(helios_json in, uint32_t at)
{
    uint32_t depth = 0;
    while (at < in.length) {
        char c = in.text[at];
        if (c == '"') {
            at = helios_json_string_end(in, at);
            if (depth == 0) {
                return at;
            }
        } else if (c == '[' || c == '{') {
            depth++;
            at++;
        } else if (depth == 0 && (c == ',' || c == ':' || c == ']' || c == '}' || (uint8_t)c <= ' ')) {
            return at;
        } else {
            at++;
            if ((c == ']' || c == '}') && --depth == 0) {
                return at;
            }
        }
    }

    return in.length;
}

/** The value that a text begins with. */
static inline helios_json helios_json_read(const void *text, uint32_t length)
{
    helios_json all = {text, length};
    uint32_t at = helios_json_space(all, 0);
    return (helios_json){all.text + at, helios_json_end(all, at) - at};
}

/**
 * Gives the next element of an array, or the next name and then the next value of an object: of the text behind the bracket at first,
 * of the rest after that. Length 0 after the last one.
 */
static inline helios_json helios_json_next(helios_json *rest)
{
    uint32_t at = helios_json_space(*rest, 0);
    if (at < rest->length && (rest->text[at] == ',' || rest->text[at] == ':')) {
        at = helios_json_space(*rest, at + 1);
    }

    uint32_t end = helios_json_end(*rest, at);
    helios_json next = {rest->text + at, end - at};
    *rest = (helios_json){rest->text + end, rest->length - end};
    return next;
}

/** What is behind the bracket of an array or an object; length 0 for any other value. */
static inline helios_json helios_json_open(helios_json value, char bracket)
{
    int is = value.length > 1 && value.text[0] == bracket;
    return is ? (helios_json){value.text + 1, value.length - 1} : (helios_json){value.text, 0};
}

static inline int helios_json_is_name(helios_json key, const char *name)
{
    uint32_t i = 0;
    while (name[i] != '\0' && i + 1 < key.length && key.text[i + 1] == name[i]) {
        i++;
    }

    return name[i] == '\0' && i + 2 == key.length;
}

/** The member of an object with a name that needs no escapes. */
static inline helios_json helios_json_member(helios_json object, const char *name)
{
    helios_json rest = helios_json_open(object, '{');
    for (;;) {
        helios_json key = helios_json_next(&rest);
        helios_json value = helios_json_next(&rest);
        if (value.length == 0 || helios_json_is_name(key, name)) {
            return value;
        }
    }
}

/** Whether a value is there and is not null. */
static inline int helios_json_is_set(helios_json value)
{
    return value.length != 0 && value.text[0] != 'n';
}

/** Gives a number without fraction and exponent of at most 18 digits; 0 for anything else. */
static inline int helios_json_integer(helios_json value, int64_t *number)
{
    uint32_t first = value.length != 0 && value.text[0] == '-';
    int64_t sum = 0;
    for (uint32_t i = first; i < value.length; i++) {
        if (value.text[i] < '0' || value.text[i] > '9') {
            return 0;
        }

        sum = sum * 10 + (value.text[i] - '0');
    }

    *number = first ? -sum : sum;
    return value.length > first && value.length - first <= 18;
}

/** A text that is being written, in a block that has room for all of it. */
typedef struct {
    char *text;
    uint32_t length;
} helios_writer;

/** Begins a text of at most `size` bytes. Traps without memory. */
static inline helios_writer helios_write(uint32_t size)
{
    helios_writer out = {helios_allocate(size), 0};
    if (out.text == NULL) {
        __builtin_trap();
    }

    return out;
}

static inline void helios_write_text(helios_writer *out, const char *text)
{
    while (*text != '\0') {
        out->text[out->length++] = *text++;
    }
}

static inline void helios_write_json(helios_writer *out, helios_json value)
{
    __builtin_memcpy(out->text + out->length, value.text, value.length);
    out->length += value.length;
}

/** Takes up to 20 bytes. */
static inline void helios_write_integer(helios_writer *out, int64_t value)
{
    char digits[20];
    uint32_t count = 0;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do {
        digits[count++] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest != 0);

    if (value < 0) {
        out->text[out->length++] = '-';
    }

    while (count > 0) {
        out->text[out->length++] = digits[--count];
    }
}

#endif
