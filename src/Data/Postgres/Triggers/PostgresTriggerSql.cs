using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using HeliosEdge.Sandbox.HostServices.Sql;
using HeliosEdge.Sandbox.HostServices.Sql.Triggers;

namespace HeliosEdge.Data.Postgres.Triggers;

/// <summary>The statements by which the server tells of rows. What a trigger is made of is an argument of it, so that nothing else could disagree with it.</summary>
internal static class PostgresTriggerSql
{
    public const string Schema = "helios_triggers";
    public const string Function = $"{Schema}.capture()";

    /// <summary>What a session of HeliosEdge has, and no other.</summary>
    public const string SessionSetting = "helios.session=judged";

    /// <summary>
    /// Fails where the database has triggers; sent where they are not known of, so that nothing is committed unjudged. A session hears of a new function when
    /// it locks a table for the first time, as what fires a new trigger does: the server makes a trigger only while nobody else has the table.
    /// </summary>
    public const string Check = $"SELECT pg_catalog.to_regprocedure('{Function}')::pg_catalog.text::pg_catalog.int4";

    /// <summary>Has the server do at once what it has put off to the commit.</summary>
    public const string Immediate = "SET CONSTRAINTS ALL IMMEDIATE";

    /// <summary>Has a session hear of all that others have committed: it locks a table that it cannot have locked before.</summary>
    public static readonly ImmutableArray<string> Hear = ["CREATE TEMPORARY TABLE helios_hear ()", "DROP TABLE pg_temp.helios_hear"];

    /// <summary>The event of what keeps rows from being deleted all at once.</summary>
    private const string Truncate = "truncate";

    public const string MakeSchema = $"CREATE SCHEMA {Schema}";
    public const string ShowSchema = $"GRANT USAGE ON SCHEMA {Schema} TO PUBLIC";

    /// <summary>The body of the function that the triggers call. An INFO goes to the client whatever <c>client_min_messages</c> is.</summary>
    public const string Body =
        """

        BEGIN
            IF current_setting('helios.session', true) IS DISTINCT FROM 'judged' THEN
                RAISE EXCEPTION 'Rows of % are judged by HeliosEdge and can be changed only through it (trigger %).', TG_RELID::regclass, TG_NAME
                    USING ERRCODE = '42501';
            END IF;
            IF TG_LEVEL = 'STATEMENT' THEN
                RAISE EXCEPTION 'Rows of % are judged one by one: DELETE removes them, TRUNCATE cannot (trigger %).', TG_RELID::regclass, TG_NAME
                    USING ERRCODE = '42501';
            END IF;
            RAISE INFO USING ERRCODE = 'HE001', MESSAGE = coalesce(NEW::text, ''), DETAIL = coalesce(OLD::text, ''), CONSTRAINT = TG_NAME, TABLE = TG_RELID::text;
            RETURN NULL;
        END
        """;

    public const string MakeFunction =
        $"CREATE OR REPLACE FUNCTION {Function} RETURNS trigger LANGUAGE plpgsql SECURITY INVOKER SET search_path = pg_catalog, pg_temp "
        + $"SET TimeZone = 'UTC' SET DateStyle = 'ISO' SET IntervalStyle = 'iso_8601' SET bytea_output = 'hex' SET extra_float_digits = 1 AS $helios${Body}$helios$";

    public const string DropFunction = $"DROP FUNCTION {Function}";

    /// <summary>Has values written as those of the rows that were told of, whatever a statement has set.</summary>
    public static readonly ImmutableArray<string> PlainValues =
    [
        "SET LOCAL TimeZone = 'UTC'",
        "SET LOCAL DateStyle = 'ISO'",
        "SET LOCAL IntervalStyle = 'iso_8601'",
        "SET LOCAL bytea_output = 'hex'",
        "SET LOCAL extra_float_digits = 1",
    ];

    /// <summary>Another text after any change of a trigger, of the function, or of a table with triggers; empty without triggers.</summary>
    public const string State =
        $"""
        SELECT coalesce(pg_catalog.md5(pg_catalog.string_agg(s.x, ',' ORDER BY s.x)), '') FROM (
            SELECT pg_catalog.concat_ws('/', t.oid, t.xmin, t.ctid, c.oid, c.xmin, c.ctid, n.nspname, (
                SELECT pg_catalog.md5(pg_catalog.string_agg(pg_catalog.concat_ws('/', a.attnum, a.xmin, a.ctid), ',' ORDER BY a.attnum))
                FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid)) AS x
            FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE t.tgfoid = pg_catalog.to_regprocedure('{Function}')
            UNION ALL
            SELECT pg_catalog.concat_ws('/', p.oid, p.xmin, p.ctid) FROM pg_catalog.pg_proc p WHERE p.oid = pg_catalog.to_regprocedure('{Function}')
        ) s
        """;

    /// <summary>
    /// The triggers: a row without a table where the function is there and none uses it, and no row without the function. The number of the table, the name, the
    /// table's name for statements, the arguments, its columns as JSON, whether it is of a partition (which releases before 13 do not say), and whether it judges.
    /// </summary>
    public const string Triggers =
        $"""
        SELECT t.tgrelid::pg_catalog.text, t.tgname::pg_catalog.text, pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname), pg_catalog.encode(t.tgargs, 'base64'), (
            SELECT pg_catalog.json_agg(pg_catalog.json_build_array(a.attname, a.atttypid::pg_catalog.text, coalesce(a.attnum = ANY (i.indkey), false)) ORDER BY a.attnum)
            FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)::pg_catalog.text,
            (coalesce(pg_catalog.to_jsonb(t) ->> 'tgparentid', '0') <> '0')::pg_catalog.text, (t.tgenabled <> 'D')::pg_catalog.text
        FROM pg_catalog.pg_proc p
        LEFT JOIN pg_catalog.pg_trigger t ON t.tgfoid = p.oid
        LEFT JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
        LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_catalog.pg_index i ON i.indrelid = c.oid AND i.indisprimary
        WHERE p.oid = pg_catalog.to_regprocedure('{Function}')
        """;

    /// <summary>The events that a definition has in the server: its own, and where it judges deletes, what refuses TRUNCATE.</summary>
    public static IEnumerable<string> Events(TriggerDefinition definition) =>
        definition.Events.Any(name => name.EndsWith("delete", StringComparison.Ordinal)) ? [.. definition.Events, Truncate] : definition.Events;

    /// <summary>The name of a trigger in the server. Of one row, those that may change it come first: the server takes them by their names.</summary>
    public static string NameOf(string name, string eventName)
    {
        const int MaxName = 52;
        var shown = name.Length <= MaxName ? name : $"{name[..35]}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..16]}";
        var stage = eventName.StartsWith("before", StringComparison.Ordinal) ? 0 : 1;
        var kind = eventName[(eventName.IndexOf('_', StringComparison.Ordinal) + 1)];
        return $"helios:{stage}{kind}:{shown}";
    }

    /// <summary>What is a trigger for an event; before events are judged before the commit, and so told of afterwards too.</summary>
    public static string Create(TriggerDefinition definition, string eventName, string table)
    {
        var json = JsonSerializer.Serialize(definition, SqlJsonContext.Default.TriggerDefinition);
        var (moment, level, when) = eventName == Truncate
            ? ("BEFORE TRUNCATE", "STATEMENT", "")
            : ($"AFTER {eventName[(eventName.IndexOf('_', StringComparison.Ordinal) + 1)..].ToUpperInvariant()}", "ROW", definition.When is { } condition ? $" WHEN (\n{condition}\n)" : "");
        return $"CREATE TRIGGER {Quote(NameOf(definition.Name, eventName))} {moment} ON {table} FOR EACH {level}{when} EXECUTE FUNCTION {Schema}.capture({Text(json)}, {Text(eventName)})";
    }

    public static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static string Text(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
