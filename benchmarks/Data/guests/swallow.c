/* Takes changes and answers nothing. */
#include "../../../samples/sdk/c/helios.h"

HELIOS_EXPORT("handle") helios_response handle(const uint8_t *payload, uint32_t length)
{
    (void)payload, (void)length;
    return helios_respond_text("");
}
