/*
 * heliosdb.h: the host functions that the guest ABI `helios-1` offers; docs/guest-abi.md is their specification.
 *
 * Declares imports only, so a module imports just what it calls, and a registration has to grant no more than that.
 */
#ifndef HELIOSDB_H
#define HELIOSDB_H

#include <stdint.h>

#define HELIOSDB_IMPORT(name) __attribute__((import_module("heliosdb"), import_name(name)))

/** What all host functions return. */
enum helios_result {
    HELIOS_SUCCESS = 0,
    HELIOS_NO_MEMORY = -1,
    HELIOS_INVALID_POINTER = -2,
    HELIOS_INVALID_UTF8 = -3,
    HELIOS_TOO_LONG = -4,
    HELIOS_FAILED = -5,
    HELIOS_NULL_OUT_POINTER = -6,
    HELIOS_NULL_OUT_LENGTH = -7,
    HELIOS_ALLOCATION_FAILED = -8,
    HELIOS_CAPABILITY_DENIED = -9,
    HELIOS_DEADLINE = -10
};

enum helios_log_level { HELIOS_TRACE = 0, HELIOS_DEBUG = 1, HELIOS_INFORMATION = 2, HELIOS_WARNING = 3, HELIOS_ERROR = 4 };

/** Writes a line of UTF-8 to the function's log. Capability: log. */
HELIOSDB_IMPORT("log") int32_t helios_log(int32_t level, const char *text, uint32_t length);

/** Gives the nanoseconds since 1970-01-01T00:00:00Z. Capability: clock. */
HELIOSDB_IMPORT("clock_now") int32_t helios_clock_now(int64_t *nanoseconds);

/** Fills memory with random bytes fit for keys. Capability: random. */
HELIOSDB_IMPORT("random_get") int32_t helios_random_get(void *bytes, uint32_t length);

/** Makes a zeroed block that the host keeps account of. */
HELIOSDB_IMPORT("alloc") int32_t helios_alloc(uint32_t size, void **block);

/** Gives such a block back. */
HELIOSDB_IMPORT("dealloc") int32_t helios_dealloc(void *block, uint32_t size);

#endif
