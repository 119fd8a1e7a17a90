/* Entries that reach out. */
#include "host.h"

ENTRY(config)
{
    uint64_t value = host_config_get(input_copy());
    return value == 0 ? answer(block_of("(none)")) : answer(value);
}

/* Logs its input at every level, answers with the level from which on lines are logged. */
ENTRY(log)
{
    host_log_trace(input_copy());
    host_log_debug(input_copy());
    host_log_info(input_copy());
    host_log_warn(input_copy());
    host_log_error(input_copy());
    host_log_info(0);
    return answer_number((uint64_t)(uint32_t)host_get_log_level());
}

ENTRY(log_forever)
{
    for (;;) {
        host_log_info(input_copy());
    }
}

ENTRY(log_no_block)
{
    host_log_info(host_input_offset() + 1);
    return 0;
}

/* The input's first byte is the name of a variable, the rest its value. */
ENTRY(set)
{
    uint64_t name = host_alloc(1);
    host_store_u8(name, host_input_load_u8(0));
    uint64_t length = host_input_length() - 1;
    uint64_t value = host_alloc(length);
    for (uint64_t i = 0; i < length; i++) {
        host_store_u8(value + i, host_input_load_u8(i + 1));
    }

    host_var_set(name, value);
    return answer_number(host_length(name) + host_length(value));
}

ENTRY(get)
{
    uint64_t value = host_var_get(input_copy());
    return value == 0 ? answer(block_of("(none)")) : answer(value);
}

/* The input is the request; a GET has no body, anything else "body". Answers with body, headers or status, whichever is set at the end. */
ENTRY(request)
{
    return answer(host_http_request(input_copy(), 0));
}

ENTRY(request_with_body)
{
    return answer(host_http_request(input_copy(), block_of("body")));
}

ENTRY(request_headers)
{
    host_http_request(input_copy(), 0);
    return answer(host_http_headers());
}

ENTRY(request_status)
{
    int32_t before = host_http_status_code();
    host_http_request(input_copy(), 0);
    return answer_number((uint64_t)(uint32_t)(before * 1000 + host_http_status_code()));
}
