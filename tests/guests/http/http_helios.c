/* Answers HTTP requests by the ABI helios-1, see answer.h. */
#include "../../../samples/sdk/c/helios.h"
#include "answer.h"

HELIOS_EXPORT("handle") helios_response handle(const uint8_t *payload, uint32_t length)
{
    uint8_t *out = helios_allocate(2 * length + 128);
    return out == NULL ? 0 : helios_respond(out, answer_http(payload, length, out));
}
