/* A reactor of WASI: its constructor has to run first, and what it prints is logged. */
#include <stdio.h>
#include <stdlib.h>

#include "host.h"

static const char *state = "not initialized";
static uint64_t input_at_start;

__attribute__((constructor)) static void construct(void)
{
    state = "initialized";
    input_at_start = host_input_length();
    host_output_set(host_alloc(1), 1);
}

ENTRY(greet)
{
    printf("on standard output: %s\n", state);
    fprintf(stderr, "on standard error: %d\n", (int)input_at_start);
    printf("unfinished");
    fflush(stdout);
    if (host_input_length() > 0) {
        answer(block_of(state));
    }

    return getchar() == EOF ? 0 : 1;
}

ENTRY(leave)
{
    fprintf(stderr, "leaving\n");
    answer(block_of("left"));
    exit(host_input_length() == 0 ? 0 : 5);
}

/* The input is the name of a variable of the environment. */
ENTRY(environment)
{
    char name[64] = {0};
    for (uint64_t i = 0; i < host_input_length() && i < sizeof name - 1; i++) {
        name[i] = (char)host_input_load_u8(i);
    }

    const char *value = getenv(name);
    return answer(block_of(value == NULL ? "(none)" : value));
}
