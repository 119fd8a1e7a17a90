/* echo: answers with the payload, byte for byte. */
#include "../sdk/c/helios.h"

HELIOS_EXPORT("handle") helios_response handle(const uint8_t *payload, uint32_t length)
{
    uint8_t *copy = helios_allocate(length);
    if (copy == NULL) {
        return helios_respond_text("error: out of memory");
    }

    __builtin_memcpy(copy, payload, length);
    return helios_respond(copy, length);
}
