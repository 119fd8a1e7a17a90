/*
 * Gets changes of tables. `copy` answers records that make a table with the key `id` what the changed one is; `echo` answers its payload; `swallow`
 * nothing; `nonsense` no records. All trap where a change has "poison" in it.
 */
#include "../../../samples/sdk/c/helios.h"
#include "../../../samples/sdk/c/json.h"

static void refuse_poison(const uint8_t *payload, uint32_t length)
{
    for (uint32_t i = 0; i + 6 <= length; i++) {
        if (payload[i] == 'p' && payload[i + 1] == 'o' && payload[i + 2] == 'i' && payload[i + 3] == 's' && payload[i + 4] == 'o' && payload[i + 5] == 'n') {
            __builtin_trap();
        }
    }
}

static int same(helios_json one, helios_json other)
{
    if (one.length != other.length) {
        return 0;
    }

    for (uint32_t i = 0; i < one.length; i++) {
        if (one.text[i] != other.text[i]) {
            return 0;
        }
    }

    return 1;
}

static void record(helios_writer *out, const char *verb)
{
    helios_write_text(out, out->length == 1 ? "{\"" : ",{\"");
    helios_write_text(out, verb);
    helios_write_text(out, "\":");
}

static void forget(helios_writer *out, helios_json id)
{
    record(out, "delete");
    helios_write_text(out, "{\"id\":");
    helios_write_json(out, id);
    helios_write_text(out, "}}");
}

HELIOS_EXPORT("copy") helios_response copy(const uint8_t *payload, uint32_t length)
{
    refuse_poison(payload, length);
    helios_writer out = helios_write(length + 64);
    helios_write_text(&out, "[");
    helios_json rest = helios_json_open(helios_json_member(helios_json_read(payload, length), "events"), '[');
    for (helios_json event = helios_json_next(&rest); event.length != 0; event = helios_json_next(&rest)) {
        helios_json before = helios_json_member(event, "before");
        helios_json after = helios_json_member(event, "after");
        if (helios_json_is_set(before) && (!helios_json_is_set(after) || !same(helios_json_member(before, "id"), helios_json_member(after, "id")))) {
            forget(&out, helios_json_member(before, "id"));
        }

        if (helios_json_is_set(after)) {
            record(&out, "upsert");
            helios_write_json(&out, after);
            helios_write_text(&out, "}");
        }
    }

    helios_write_text(&out, "]");
    return helios_respond(out.text, out.length);
}

HELIOS_EXPORT("echo") helios_response echo(const uint8_t *payload, uint32_t length)
{
    refuse_poison(payload, length);
    helios_writer out = helios_write(length + 1);
    helios_write_json(&out, (helios_json){(const char *)payload, length});
    return helios_respond(out.text, out.length);
}

HELIOS_EXPORT("swallow") helios_response swallow(const uint8_t *payload, uint32_t length)
{
    refuse_poison(payload, length);
    return helios_respond_text("");
}

HELIOS_EXPORT("nonsense") helios_response nonsense(const uint8_t *payload, uint32_t length)
{
    (void)payload, (void)length;
    return helios_respond_text("[{\"merge\":{}}]");
}
