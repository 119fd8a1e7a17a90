/*
 * trap: ends in a load outside linear memory, three named calls deep, to show what a trap looks like from outside.
 * Only a payload that starts with '#' is harmless: it answers "no order".
 */
#include "../sdk/c/helios.h"

/* An address in the last bytes of the 32-bit range, far beyond the few pages of this module. */
static volatile uintptr_t missing_price = 0xFFFFFFF0u;

__attribute__((noinline)) static uint32_t load_price(uint32_t item)
{
    const volatile uint32_t *prices = (const volatile uint32_t *)missing_price;
    return prices[item & 3] + item;
}

__attribute__((noinline)) static uint32_t find_item(uint32_t seed)
{
    uint32_t item = seed * 2654435761u >> 7;
    return load_price(item) ^ item;
}

__attribute__((noinline)) static uint32_t parse_order(const uint8_t *payload, uint32_t length)
{
    uint32_t seed = 5381;
    for (uint32_t i = 0; i < length; i++) {
        seed = seed * 33 + payload[i];
    }

    return find_item(seed) + seed;
}

HELIOS_EXPORT("handle") helios_response handle(const uint8_t *payload, uint32_t length)
{
    if (length > 0 && payload[0] == '#') {
        return helios_respond_text("no order");
    }

    uint32_t *total = helios_allocate(sizeof *total);
    if (total == NULL) {
        return 0;
    }

    *total = parse_order(payload, length);
    return helios_respond(total, sizeof *total);
}
