/*
 * orders: a typical function. It parses its payload, JSON of a customer with orders, into a tree; gives every order its
 * "amount" (quantity times unit price) in place of the unit price, puts names into capitals, adds a "total", and answers
 * with the tree as JSON.
 */
#include "../../../samples/sdk/c/helios.h"

typedef enum { NUMBER, STRING, ARRAY, OBJECT, OTHER } kind;

typedef struct node {
    kind kind;
    struct node *next;    /* the next element or member */
    struct node *first;   /* of an array or object */
    const uint8_t *key;   /* of a member, without quotes */
    uint32_t key_length;
    const uint8_t *text;  /* of a string, without quotes, or of a literal */
    uint32_t length;
    int64_t number;
} node;

typedef struct {
    const uint8_t *at;
    const uint8_t *end;
} reader;

typedef struct {
    uint8_t *bytes;
    uint32_t length;
    uint32_t capacity;
} writer;

static void skip_space(reader *in)
{
    while (in->at < in->end && (*in->at == ' ' || *in->at == '\n' || *in->at == '\r' || *in->at == '\t')) {
        in->at++;
    }
}

static uint8_t take(reader *in)
{
    if (in->at == in->end) {
        __builtin_trap();
    }

    return *in->at++;
}

static void expect(reader *in, uint8_t c)
{
    skip_space(in);
    if (take(in) != c) {
        __builtin_trap();
    }
}

static uint8_t peek(reader *in)
{
    skip_space(in);
    return in->at < in->end ? *in->at : 0;
}

static node *new_node(kind kind)
{
    node *made = helios_allocate(sizeof(node));
    if (made == NULL) {
        __builtin_trap();
    }

    __builtin_memset(made, 0, sizeof(node));
    made->kind = kind;
    return made;
}

static const uint8_t *read_text(reader *in, uint32_t *length)
{
    expect(in, '"');
    const uint8_t *start = in->at;
    for (uint8_t c = take(in); c != '"'; c = take(in)) {
        if (c == '\\') {
            take(in);
        }
    }

    *length = (uint32_t)(in->at - start) - 1;
    return start;
}

static node *read_value(reader *in, uint32_t depth)
{
    uint8_t c = peek(in);
    if (depth == 0) {
        __builtin_trap();
    }

    if (c == '{' || c == '[') {
        node *parent = new_node(c == '{' ? OBJECT : ARRAY);
        node **link = &parent->first;
        uint8_t close = c == '{' ? '}' : ']';
        take(in);
        while (peek(in) != close) {
            const uint8_t *key = NULL;
            uint32_t key_length = 0;
            if (c == '{') {
                key = read_text(in, &key_length);
                expect(in, ':');
            }

            node *child = read_value(in, depth - 1);
            child->key = key;
            child->key_length = key_length;
            *link = child;
            link = &child->next;
            if (peek(in) != ',') {
                break;
            }

            take(in);
        }

        expect(in, close);
        return parent;
    }

    if (c == '"') {
        node *text = new_node(STRING);
        text->text = read_text(in, &text->length);
        return text;
    }

    if (c == '-' || (c >= '0' && c <= '9')) {
        node *number = new_node(NUMBER);
        int negative = c == '-';
        in->at += negative;
        while (in->at < in->end && *in->at >= '0' && *in->at <= '9') {
            number->number = number->number * 10 + (*in->at++ - '0');
        }

        number->number = negative ? -number->number : number->number;
        return number;
    }

    node *other = new_node(OTHER);
    other->text = in->at;
    while (in->at < in->end && *in->at >= 'a' && *in->at <= 'z') {
        in->at++;
    }

    other->length = (uint32_t)(in->at - other->text);
    return other->length == 0 ? (__builtin_trap(), other) : other;
}

static int is_key(const node *member, const char *key)
{
    uint32_t i = 0;
    for (; key[i] != 0; i++) {
        if (i == member->key_length || member->key[i] != (uint8_t)key[i]) {
            return 0;
        }
    }

    return i == member->key_length;
}

static node *find(node *object, const char *key)
{
    for (node *member = object->first; member != NULL; member = member->next) {
        if (is_key(member, key)) {
            return member;
        }
    }

    __builtin_trap();
}

static node *new_number(const char *key, uint32_t key_length, int64_t value)
{
    node *number = new_node(NUMBER);
    number->key = (const uint8_t *)key;
    number->key_length = key_length;
    number->number = value;
    return number;
}

static void put(writer *out, const uint8_t *bytes, uint32_t length)
{
    if (out->length + length > out->capacity) {
        uint32_t capacity = (out->length + length) * 2;
        uint8_t *larger = helios_allocate(capacity);
        if (larger == NULL) {
            __builtin_trap();
        }

        __builtin_memcpy(larger, out->bytes, out->length);
        helios_release(out->bytes);
        out->bytes = larger;
        out->capacity = capacity;
    }

    for (uint32_t i = 0; i < length; i++) {
        out->bytes[out->length + i] = bytes[i];
    }

    out->length += length;
}

static void put_char(writer *out, uint8_t c)
{
    put(out, &c, 1);
}

static void put_number(writer *out, int64_t value)
{
    uint8_t digits[20];
    uint32_t at = sizeof digits;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do {
        digits[--at] = (uint8_t)('0' + rest % 10);
        rest /= 10;
    } while (rest != 0);

    if (value < 0) {
        digits[--at] = '-';
    }

    put(out, digits + at, sizeof digits - at);
}

static void put_text(writer *out, const uint8_t *text, uint32_t length)
{
    put_char(out, '"');
    put(out, text, length);
    put_char(out, '"');
}

static void write_value(writer *out, const node *value)
{
    switch (value->kind) {
    case NUMBER:
        put_number(out, value->number);
        break;
    case STRING:
        put_text(out, value->text, value->length);
        break;
    case OTHER:
        put(out, value->text, value->length);
        break;
    default:
        put_char(out, value->kind == OBJECT ? '{' : '[');
        for (const node *child = value->first; child != NULL; child = child->next) {
            if (value->kind == OBJECT) {
                put_text(out, child->key, child->key_length);
                put_char(out, ':');
            }

            write_value(out, child);
            if (child->next != NULL) {
                put_char(out, ',');
            }
        }

        put_char(out, value->kind == OBJECT ? '}' : ']');
        break;
    }
}

static void capitalise(node *text)
{
    uint8_t *bytes = (uint8_t *)text->text;
    for (uint32_t i = 0; i < text->length; i++) {
        if (bytes[i] >= 'a' && bytes[i] <= 'z') {
            bytes[i] -= 'a' - 'A';
        }
    }
}

HELIOS_EXPORT("handle") helios_response handle(const uint8_t *payload, uint32_t length)
{
    reader in = { payload, payload + length };
    node *root = read_value(&in, 64);
    int64_t total = 0;
    capitalise(find(root, "customer"));
    node *orders = find(root, "orders");
    for (node *order = orders->first; order != NULL; order = order->next) {
        node *price = find(order, "unitPrice");
        int64_t amount = find(order, "quantity")->number * price->number;
        total += amount;
        capitalise(find(order, "item"));
        price->key = (const uint8_t *)"amount";
        price->key_length = 6;
        price->number = amount;
    }

    node *sum = new_number("total", 5, total);
    sum->next = root->first;
    root->first = sum;
    writer out = { helios_allocate(2 * length), 0, 2 * length };
    write_value(&out, root);
    return helios_respond(out.bytes, out.length);
}
