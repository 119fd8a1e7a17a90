/*
 * process_order: a procedure. It takes an order in if there is enough of everything, else nothing happens:
 *
 *     [{"customer": "Ada", "lines": [{"item": "tea", "count": 2}]}]   gives   {"order": 1, "total": 700}
 *
 * Its tables are in orders.sql. All statements are one transaction, so that nobody else can take what was seen to be there.
 */
#include "../sdk/c/helios.h"
#include "../sdk/c/heliosdb.h"
#include "../sdk/c/json.h"

#define MAX_COUNT 1000000
#define MAX_TOTAL 1000000000000000

static uint32_t text_length(const char *text)
{
    uint32_t length = 0;
    while (text[length] != '\0') {
        length++;
    }

    return length;
}

static void fail(const char *reason)
{
    helios_proc_fail(reason, text_length(reason));
    __builtin_trap();
}

/* Asks for rows, or changes some. What the host gave is the instance's until its end. */
static helios_json run(int changes, const char *sql, helios_writer parameters)
{
    char *json = NULL;
    uint32_t length = 0;
    int32_t result = (changes ? helios_db_execute : helios_db_query)(sql, text_length(sql), parameters.text, parameters.length, &json, &length);
    if (result != HELIOS_SUCCESS) {
        /* The reason is the database's own: a conflict is told to the host anyhow, which runs this again. */
        helios_db_last_error(&json, &length);
        helios_proc_fail(json, length);
        __builtin_trap();
    }

    helios_release(parameters.text);
    return helios_json_read(json, length);
}

/* Gives [first], with room for two integers more. */
static helios_writer parameters(helios_json first)
{
    helios_writer out = helios_write(first.length + 48);
    helios_write_text(&out, "[");
    helios_write_json(&out, first);
    helios_write_text(&out, "]");
    return out;
}

static helios_writer and_integer(helios_writer parameters, int64_t value)
{
    parameters.text[parameters.length - 1] = ',';
    helios_write_integer(&parameters, value);
    helios_write_text(&parameters, "]");
    return parameters;
}

static void fail_for_want(helios_json item, int64_t there, int64_t wanted)
{
    helios_writer reason = helios_write(item.length + 96);
    helios_write_text(&reason, "Of ");
    helios_write_json(&reason, item);
    helios_write_text(&reason, " there are ");
    helios_write_integer(&reason, there);
    helios_write_text(&reason, ", not ");
    helios_write_integer(&reason, wanted);
    helios_proc_fail(reason.text, reason.length);
    __builtin_trap();
}

/* Takes some of an item from the stock and gives what one costs. */
static int64_t take(helios_json item, int64_t wanted)
{
    helios_json answer = run(0, "SELECT price, count FROM stock WHERE item = ?1", parameters(item));
    helios_json rows = helios_json_open(helios_json_member(answer, "rows"), '[');
    helios_json row = helios_json_open(helios_json_next(&rows), '[');
    int64_t price = 0;
    int64_t there = 0;
    if (row.length != 0 && (!helios_json_integer(helios_json_next(&row), &price) || !helios_json_integer(helios_json_next(&row), &there))) {
        fail("price and count of the stock must be whole numbers");
    }

    if (there < wanted) {
        fail_for_want(item, there, wanted);
    }

    run(1, "UPDATE stock SET count = count - ?2 WHERE item = ?1", and_integer(parameters(item), wanted));
    return price;
}

static void check_line(helios_json item, helios_json count, int64_t *wanted)
{
    if (item.length == 0 || item.text[0] != '"' || !helios_json_integer(count, wanted) || *wanted < 1 || *wanted > MAX_COUNT) {
        fail("a line is {\"item\": \"tea\", \"count\": 2}, with a count from 1 to 1000000");
    }
}

HELIOS_EXPORT("handle") helios_response handle(const uint8_t *payload, uint32_t length)
{
    helios_json arguments = helios_json_open(helios_json_read(payload, length), '[');
    helios_json order = helios_json_next(&arguments);
    helios_json customer = helios_json_member(order, "customer");
    helios_json lines = helios_json_open(helios_json_member(order, "lines"), '[');
    helios_json rest = lines;
    if (customer.length == 0 || customer.text[0] != '"' || helios_json_next(&rest).length == 0) {
        fail("an order is {\"customer\": \"Ada\", \"lines\": [...]} with at least one line");
    }

    int64_t total = 0;
    int64_t wanted = 0;
    rest = lines;
    for (helios_json line = helios_json_next(&rest); line.length != 0; line = helios_json_next(&rest)) {
        helios_json item = helios_json_member(line, "item");
        check_line(item, helios_json_member(line, "count"), &wanted);
        int64_t price = take(item, wanted);
        if (price < 0 || price > (MAX_TOTAL - total) / wanted) {
            fail("the total must be from 0 to 1000000000000000");
        }

        total += price * wanted;
    }

    helios_json inserted = run(1, "INSERT INTO orders (customer, total) VALUES (?1, ?2)", and_integer(parameters(customer), total));
    int64_t id = 0;
    helios_json_integer(helios_json_member(inserted, "lastInsertId"), &id);
    rest = lines;
    for (helios_json line = helios_json_next(&rest); line.length != 0; line = helios_json_next(&rest)) {
        helios_json item = helios_json_member(line, "item");
        helios_json_integer(helios_json_member(line, "count"), &wanted);
        helios_writer values = and_integer(and_integer(parameters(item), wanted), id);
        run(1, "INSERT INTO order_lines (order_id, item, count, price) SELECT ?3, item, ?2, price FROM stock WHERE item = ?1", values);
    }

    helios_writer answer = helios_write(64);
    helios_write_text(&answer, "{\"order\":");
    helios_write_integer(&answer, id);
    helios_write_text(&answer, ",\"total\":");
    helios_write_integer(&answer, total);
    helios_write_text(&answer, "}");
    return helios_respond(answer.text, answer.length);
}
