/*
 * order_totals: the function of a pipeline on orders. Of each customer it says by how many orders, and by how much of their total, there are more now: a
 * table that adds them up is right when each change has come once.
 */
#include "../sdk/c/helios.h"
#include "../sdk/c/json.h"

typedef struct {
    helios_json customer;
    int64_t orders;
    int64_t total;
} sum;

static int is_same(helios_json a, helios_json b)
{
    uint32_t i = 0;
    while (i < a.length && a.length == b.length && a.text[i] == b.text[i]) {
        i++;
    }

    return i == a.length && a.length == b.length;
}

/* The sums in the order in which their customers came, and a table of their numbers, from 1, in which a hash of the customer finds them. */
typedef struct {
    sum *sums;
    uint32_t count;
    uint32_t *places;
    uint32_t mask;
} ledger;

static void *block(uint32_t size)
{
    void *bytes = helios_allocate(size);
    if (bytes == NULL) {
        __builtin_trap();
    }

    return __builtin_memset(bytes, 0, size);
}

static void add(ledger *to, helios_json row, int64_t sign)
{
    helios_json customer = helios_json_member(row, "customer");
    if (customer.length == 0 || customer.text[0] != '"') {
        return;
    }

    uint32_t hash = 2166136261u;
    for (uint32_t i = 0; i < customer.length; i++) {
        hash = (hash ^ (uint8_t)customer.text[i]) * 16777619u;
    }

    uint32_t at = hash & to->mask;
    while (to->places[at] != 0 && !is_same(to->sums[to->places[at] - 1].customer, customer)) {
        at = (at + 1) & to->mask;
    }

    if (to->places[at] == 0) {
        to->places[at] = ++to->count;
    }

    sum *found = &to->sums[to->places[at] - 1];
    int64_t total;
    found->customer = customer;
    found->orders += sign;
    found->total += helios_json_integer(helios_json_member(row, "total"), &total) ? sign * total : 0;
}

HELIOS_EXPORT("handle") helios_response handle(const uint8_t *payload, uint32_t length)
{
    helios_json changes = helios_json_open(helios_json_member(helios_json_read(payload, length), "events"), '[');
    helios_json rest = changes;
    uint32_t rows = 1;
    while (helios_json_next(&rest).length != 0) {
        rows += 2;
    }

    /* Some place is always free. */
    uint32_t places = 2;
    while (places < rows * 2) {
        places *= 2;
    }

    ledger all = {block(rows * sizeof(sum)), 0, block(places * sizeof(uint32_t)), places - 1};
    rest = changes;
    for (helios_json change = helios_json_next(&rest); change.length != 0; change = helios_json_next(&rest)) {
        add(&all, helios_json_member(change, "before"), -1);
        add(&all, helios_json_member(change, "after"), 1);
    }

    uint32_t size = 2;
    for (uint32_t i = 0; i < all.count; i++) {
        size += all.sums[i].customer.length + 100;
    }

    helios_writer answer = helios_write(size);
    helios_write_text(&answer, "[");
    for (uint32_t i = 0; i < all.count; i++) {
        if (all.sums[i].orders == 0 && all.sums[i].total == 0) {
            continue;
        }

        helios_write_text(&answer, answer.length > 1 ? ",{\"add\":{\"customer\":" : "{\"add\":{\"customer\":");
        helios_write_json(&answer, all.sums[i].customer);
        helios_write_text(&answer, ",\"orders\":");
        helios_write_integer(&answer, all.sums[i].orders);
        helios_write_text(&answer, ",\"total\":");
        helios_write_integer(&answer, all.sums[i].total);
        helios_write_text(&answer, "}}");
    }

    helios_write_text(&answer, "]");
    return helios_respond(answer.text, answer.length);
}
