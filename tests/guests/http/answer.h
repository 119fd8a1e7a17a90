/*
 * What the guests here answer to an HTTP request. With the query "show": status 200 and, as the body, the envelope that
 * they got. Otherwise: the request's body, byte for byte, in the place of an envelope, so that a test can answer anything.
 */
#include <stddef.h>
#include <stdint.h>

/* Finds a text that cannot be inside of a JSON string, whose quotes are escaped. */
static inline const uint8_t *find(const uint8_t *at, const uint8_t *end, const char *text)
{
    for (; at < end; at++) {
        size_t i = 0;
        while (text[i] != 0 && at + i < end && at[i] == (uint8_t)text[i]) {
            i++;
        }

        if (text[i] == 0) {
            return at + i;
        }
    }

    return NULL;
}

static inline uint8_t *put(uint8_t *out, const char *text)
{
    while (*text != 0) {
        *out++ = (uint8_t)*text++;
    }

    return out;
}

/* Writes at most 2 * length + 128 bytes to out. */
static inline uint32_t answer_http(const uint8_t *envelope, uint32_t length, uint8_t *out)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const uint8_t *end = envelope + length;
    uint8_t *to = out;
    if (find(envelope, end, ",\"query\":\"show\"") != NULL) {
        to = put(to, "{\"status\":200,\"headers\":[[\"Content-Type\",\"application/json\"]],\"bodyEncoding\":\"base64\",\"body\":\"");
        for (uint32_t i = 0; i < length; i += 3) {
            uint32_t left = length - i;
            uint32_t bits = (uint32_t)envelope[i] << 16;
            bits |= left > 1 ? (uint32_t)envelope[i + 1] << 8 : 0;
            bits |= left > 2 ? envelope[i + 2] : 0;
            *to++ = (uint8_t)letters[bits >> 18];
            *to++ = (uint8_t)letters[bits >> 12 & 63];
            *to++ = (uint8_t)(left > 1 ? letters[bits >> 6 & 63] : '=');
            *to++ = (uint8_t)(left > 2 ? letters[bits & 63] : '=');
        }

        return (uint32_t)(put(to, "\"}") - out);
    }

    const uint8_t *at = find(envelope, end, ",\"body\":\"");
    while (at != NULL && at < end && *at != '"') {
        if (*at != '\\') {
            *to++ = *at++;
            continue;
        }

        at++;
        if (*at == 'u') {
            uint32_t value = 0;
            for (int i = 1; i <= 4; i++) {
                uint8_t digit = at[i];
                value = value << 4 | (uint32_t)(digit <= '9' ? digit - '0' : (digit | 32) - 'a' + 10);
            }

            *to++ = (uint8_t)value;
            at += 5;
            continue;
        }

        uint8_t escaped = *at++;
        *to++ = escaped == 'n' ? '\n' : escaped == 'r' ? '\r' : escaped == 't' ? '\t' : escaped == 'b' ? '\b' : escaped == 'f' ? '\f' : escaped;
    }

    return (uint32_t)(to - out);
}
