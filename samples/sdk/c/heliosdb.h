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
    HELIOS_CAPABILITY_DENIED = -9, /* also: a host that is not allowed */
    HELIOS_DEADLINE = -10,
    HELIOS_TOO_MANY_REQUESTS = -11 /* the function has as many HTTP requests under way as it may */
};

enum helios_log_level { HELIOS_TRACE = 0, HELIOS_DEBUG = 1, HELIOS_INFORMATION = 2, HELIOS_WARNING = 3, HELIOS_ERROR = 4 };

/** Writes a line of UTF-8 to the function's log. Capability: log. */
HELIOSDB_IMPORT("log") int32_t helios_log(int32_t level, const char *text, uint32_t length);

/** Gives the nanoseconds since 1970-01-01T00:00:00Z. Capability: clock. */
HELIOSDB_IMPORT("clock_now") int32_t helios_clock_now(int64_t *nanoseconds);

/** Fills memory with random bytes fit for keys. Capability: random. */
HELIOSDB_IMPORT("random_get") int32_t helios_random_get(void *bytes, uint32_t length);

/**
 * Gives the value of a key of this function in this region, in a block to be given back with helios_dealloc; 1 if there is none.
 * Capability: kv.read.
 */
HELIOSDB_IMPORT("kv_get") int32_t helios_kv_get(const char *key, uint32_t key_length, void **value, uint32_t *value_length);

/**
 * Gives a JSON array of the first keys with a prefix, up to 1,000 of 256 KiB, in a block to be given back with helios_dealloc. Only
 * helios_kv_list_after tells whether there are more. Capability: kv.read.
 */
HELIOSDB_IMPORT("kv_list") int32_t helios_kv_list(const char *prefix, uint32_t prefix_length, char **json, uint32_t *json_length);

/**
 * As helios_kv_list, of the keys that are sorted after a key, be it there or not; length 0 for the first ones. 1 if there are more: the
 * last key that was given is what to go on after. Capability: kv.read.
 */
HELIOSDB_IMPORT("kv_list_after")
int32_t helios_kv_list_after(
    const char *prefix, uint32_t prefix_length, const char *after, uint32_t after_length, char **json, uint32_t *json_length);

/** Sets a key. Capability: kv.write. */
HELIOSDB_IMPORT("kv_set") int32_t helios_kv_set(const char *key, uint32_t key_length, const void *value, uint32_t value_length);

/** Removes a key; 1 if there was none. Capability: kv.write. */
HELIOSDB_IMPORT("kv_delete") int32_t helios_kv_delete(const char *key, uint32_t key_length);

/**
 * Gives the rows of a SQL statement that only reads, as {"columns": ["a"], "rows": [[1]]} in a block to be given back with
 * helios_dealloc. Parameters are a JSON array for ?1, ?2...; length 0 is none. Capability: db.query.
 */
HELIOSDB_IMPORT("db_query")
int32_t helios_db_query(
    const char *sql, uint32_t sql_length, const char *parameters, uint32_t parameters_length, char **json, uint32_t *json_length);

/** Runs a SQL statement; gives {"rowsAffected": 1, "lastInsertId": 7} in such a block. Capability: db.execute. */
HELIOSDB_IMPORT("db_execute")
int32_t helios_db_execute(
    const char *sql, uint32_t sql_length, const char *parameters, uint32_t parameters_length, char **json, uint32_t *json_length);

/**
 * As helios_db_query and helios_db_execute, on a database with a name. Capabilities: db.query:NAME, db.execute:NAME.
 */
HELIOSDB_IMPORT("db_query_on")
int32_t helios_db_query_on(
    const char *database, uint32_t database_length, const char *sql, uint32_t sql_length, const char *parameters,
    uint32_t parameters_length, char **json, uint32_t *json_length);
HELIOSDB_IMPORT("db_execute_on")
int32_t helios_db_execute_on(
    const char *database, uint32_t database_length, const char *sql, uint32_t sql_length, const char *parameters,
    uint32_t parameters_length, char **json, uint32_t *json_length);

/**
 * Gives why the last statement or helios_proc_call failed, as {"code": "failed", "sqlstate": "23505", "message": "...",
 * "position": 8} in such a block, or null where it did not.
 */
HELIOSDB_IMPORT("db_last_error") int32_t helios_db_last_error(char **json, uint32_t *json_length);

/**
 * Calls a procedure with a JSON array of arguments; gives its answer in such a block. In a procedure it is a part of the same
 * transaction, which is undone alone where it fails. Capability: proc.call.
 */
HELIOSDB_IMPORT("proc_call")
int32_t helios_proc_call(
    const char *name, uint32_t name_length, const char *arguments, uint32_t arguments_length, char **json, uint32_t *json_length);

/** Ends the call with procedure_failed and a reason; a transaction is rolled back. Does not return. */
HELIOSDB_IMPORT("proc_fail") int32_t helios_proc_fail(const char *reason, uint32_t length);

/** Gives the value of a variable of the registration, in a block to be given back with helios_dealloc; 1 if there is none. Capability: env. */
HELIOSDB_IMPORT("env_get") int32_t helios_env_get(const char *name, uint32_t name_length, void **value, uint32_t *value_length);

/**
 * Sends an HTTP request to a host that the registration allows: {"method": "GET", "url": "https://api.example.com/", "headers": {}}
 * and a body; length 0 is none. Gives, in a block to be given back with helios_dealloc, the length of a head in four bytes, the
 * head, {"status": 200, "headers": {"content-type": "text/plain"}}, and the body. Any status is a success. Capability: http.outbound.
 */
HELIOSDB_IMPORT("http_fetch")
int32_t helios_http_fetch(
    const char *request, uint32_t request_length, const void *body, uint32_t body_length, void **answer, uint32_t *answer_length);

/** Makes a zeroed block that the host keeps account of. */
HELIOSDB_IMPORT("alloc") int32_t helios_alloc(uint32_t size, void **block);

/** Gives such a block back. */
HELIOSDB_IMPORT("dealloc") int32_t helios_dealloc(void *block, uint32_t size);

#endif
