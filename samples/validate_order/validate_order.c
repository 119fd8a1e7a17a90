/* validate_order: the function of a trigger on orders. It refuses a total below zero and says when an order was placed that does not say it. */
#include "../sdk/c/helios.h"
#include "../sdk/c/json.h"

HELIOS_EXPORT("handle") helios_response handle(const uint8_t *payload, uint32_t length)
{
    helios_json change = helios_json_read(payload, length);
    helios_json order = helios_json_member(change, "new");
    helios_json total = helios_json_member(order, "total");
    if (helios_json_is_set(total) && total.text[0] == '-') {
        return helios_respond_text("{\"allow\":false,\"reason\":\"the total is negative\"}");
    }

    if (helios_json_is_set(helios_json_member(order, "placed"))) {
        return helios_respond_text("{\"allow\":true}");
    }

    helios_json at = helios_json_member(change, "at");
    helios_writer answer = helios_write(at.length + 64);
    helios_write_text(&answer, "{\"allow\":true,\"new\":{\"placed\":");
    helios_write_json(&answer, at);
    helios_write_text(&answer, "}}");
    return helios_respond(answer.text, answer.length);
}
