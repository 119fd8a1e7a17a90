/* Three statements with the arguments of the call as the parameters of each: [from, to, amount]. */
#include "../../../samples/sdk/c/helios.h"
#include "../../../samples/sdk/c/heliosdb.h"

#ifdef POSTGRES
#define P "$"
#else
#define P "?"
#endif

static void execute(const char *sql, uint32_t length, const uint8_t *arguments, uint32_t arguments_length)
{
    char *json = NULL;
    uint32_t json_length = 0;
    if (helios_db_execute(sql, length, (const char *)arguments, arguments_length, &json, &json_length) != HELIOS_SUCCESS) {
        __builtin_trap();
    }
}

#define EXECUTE(sql) execute(sql, sizeof sql - 1, payload, length)

HELIOS_EXPORT("handle") helios_response handle(const uint8_t *payload, uint32_t length)
{
    EXECUTE("UPDATE accounts SET balance = balance - " P "3 WHERE id = " P "1 AND id <> " P "2");
    EXECUTE("UPDATE accounts SET balance = balance + " P "3 WHERE id = " P "2 AND id <> " P "1");
    EXECUTE("INSERT INTO transfers (source, target, amount) VALUES (" P "1, " P "2, " P "3)");
    return helios_respond_text("true");
}
