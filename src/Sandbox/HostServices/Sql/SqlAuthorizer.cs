using System.Collections.Frozen;
using HeliosEdge.Sandbox.HostServices.Sql.Changes;
using HeliosEdge.Sandbox.HostServices.Sql.Triggers;
using SQLitePCL;

namespace HeliosEdge.Sandbox.HostServices.Sql;

/// <summary>
/// Decides, while SQLite compiles a statement, what it may do. Functions are on a list of what is allowed, so that a function
/// that a later SQLite brings is refused until somebody has looked at it.
/// </summary>
internal sealed class SqlAuthorizer(Predicate<string> isGuests)
{
    private static readonly FrozenSet<string> Functions = FrozenSet.ToFrozenSet(
        (string[])[
            // https://sqlite.org/lang_corefunc.html; not those that load code, count earlier statements, or describe the library.
            "abs", "char", "coalesce", "concat", "concat_ws", "format", "glob", "hex", "if", "ifnull", "iif", "instr", "last_insert_rowid", "length",
            "like", "likelihood", "likely", "lower", "ltrim", "max", "min", "nullif", "octet_length", "printf", "quote", "random", "randomblob",
            "replace", "round", "rtrim", "sign", "substr", "substring", "trim", "typeof", "unicode", "unistr", "unistr_quote", "unlikely",
            "upper", "zeroblob",

            // https://sqlite.org/lang_datefunc.html
            "date", "time", "datetime", "julianday", "unixepoch", "strftime", "timediff", "current_date", "current_time", "current_timestamp",

            // https://sqlite.org/lang_aggfunc.html and https://sqlite.org/windowfunctions.html
            "avg", "count", "group_concat", "string_agg", "sum", "total", "median", "percentile", "percentile_cont", "percentile_disc",
            "row_number", "rank", "dense_rank", "percent_rank", "cume_dist", "ntile", "lag", "lead", "first_value", "last_value", "nth_value",

            // https://sqlite.org/lang_mathfunc.html
            "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "ceil", "ceiling", "cos", "cosh", "degrees", "exp", "floor", "ln", "log",
            "log10", "log2", "mod", "pi", "pow", "power", "radians", "sin", "sinh", "sqrt", "tan", "tanh", "trunc",

            // https://sqlite.org/json1.html; not json_patch, whose effort is the product of its arguments.
            "json", "jsonb", "json_array", "jsonb_array", "json_array_length", "json_error_position", "json_extract", "jsonb_extract",
            "->", "->>", "json_insert", "jsonb_insert", "json_object", "jsonb_object", "json_pretty", "json_quote", "json_remove", "jsonb_remove",
            "json_replace", "jsonb_replace", "json_set", "jsonb_set", "json_type", "json_valid", "json_group_array", "jsonb_group_array",
            "json_group_object", "jsonb_group_object",
        ],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>How the names of the silo's tables begin.</summary>
    private const string Own = "helios_";

    /// <summary>How the names of the silo's triggers begin, before a colon or an angle.</summary>
    private const string Ours = "helios";

    /// <summary>Whether SQLite has a function of this name already that statements may use.</summary>
    public static bool IsBuiltIn(string name) => Functions.Contains(name);

    /// <summary>What the statement being compiled may do.</summary>
    public SqlAccess Access { get; set; }

    /// <summary>True while the store prepares or runs a statement of its own.</summary>
    public bool IsOwn { get; set; }

    /// <summary>Why the last statement was refused, or null.</summary>
    public string? Refusal { get; set; }

    /// <summary>The tables that have triggers of the silo, as the statement is compiled: SQLite allows no look at the schema from here.</summary>
    public IReadOnlySet<string> Guarded { get; set; } = FrozenSet<string>.Empty;

    /// <summary>The tables whose changes are captured.</summary>
    public IReadOnlySet<string> Captured { get; set; } = FrozenSet<string>.Empty;

    /// <summary>
    /// Whether the statement has a name in it that may be one of our triggers': SQLite says by whose name something is done, and a part of a query
    /// (<c>WITH "helios:…" AS …</c>) can have any.
    /// </summary>
    public bool NamesOurs { get; set; }

    /// <summary>The table that the statement being compiled makes a trigger for; null for none.</summary>
    public string? TriggerOn { get; set; }

    /// <summary>True once the statement being compiled changes the schema.</summary>
    public bool ChangesSchema { get; set; }

    /// <summary>True once the statement being compiled inserts into a table of the guest's.</summary>
    public bool Inserts { get; set; }

    /// <summary>Whether a table is the silo's, by its name.</summary>
    public static bool IsOwnTable(string name) => name.StartsWith(Own, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a statement has a quoted name in it that begins like those of our triggers; without quotes none can.</summary>
    public static bool HasOurs(string sql)
    {
        for (var rest = sql.AsSpan(); rest.IndexOf(Ours, StringComparison.OrdinalIgnoreCase) is var at and >= 0; rest = rest[(at + 1)..])
        {
            if (at > 0 && rest[at - 1] is '"' or '\'' or '`' or '[' && rest[(at + Ours.Length)..] is [':' or '>', ..])
            {
                return true;
            }
        }

        return false;
    }

    public int Decide(int action, utf8z first, utf8z second, utf8z trigger)
    {
        if (IsOwn)
        {
            return raw.SQLITE_OK;
        }

        switch (action)
        {
            case raw.SQLITE_READ when IsOwnTable(first) && !IsByOurs(trigger):
                return Refuse(KeepOwn(first));
            case raw.SQLITE_SELECT or raw.SQLITE_READ or raw.SQLITE_RECURSIVE:
                return raw.SQLITE_OK;
            case raw.SQLITE_FUNCTION:
                var function = second.utf8_to_string() ?? "";
                if (TriggerFunctions.Has(function) || CaptureFunctions.Has(function))
                {
                    return IsByOurs(trigger) ? raw.SQLITE_OK : Refuse($"The function {function} is for triggers of the silo.");
                }

                // ALTER TABLE rewrites the schema with functions that only SQLite itself can call.
                return Functions.Contains(function) || isGuests(function) || (Access == SqlAccess.Write && function.StartsWith("sqlite_", StringComparison.OrdinalIgnoreCase))
                    ? raw.SQLITE_OK
                    : Refuse($"The function {function} is not available.");
            case raw.SQLITE_ATTACH or raw.SQLITE_DETACH:
                return Refuse("ATTACH, DETACH and VACUUM are not available.");
            case raw.SQLITE_PRAGMA:
                return Refuse($"PRAGMA {first.utf8_to_string()} is not available.");
            case raw.SQLITE_TRANSACTION or raw.SQLITE_SAVEPOINT:
                return Refuse("Each statement or procedure has a transaction of its own; BEGIN, COMMIT, ROLLBACK and SAVEPOINT are not available.");
            case raw.SQLITE_CREATE_VTABLE or raw.SQLITE_DROP_VTABLE:
                return Refuse("Virtual tables are not available.");
            case raw.SQLITE_CREATE_TEMP_INDEX or raw.SQLITE_CREATE_TEMP_TABLE or raw.SQLITE_CREATE_TEMP_TRIGGER or raw.SQLITE_CREATE_TEMP_VIEW
                or raw.SQLITE_DROP_TEMP_INDEX or raw.SQLITE_DROP_TEMP_TABLE or raw.SQLITE_DROP_TEMP_TRIGGER or raw.SQLITE_DROP_TEMP_VIEW:
                return Refuse("Temporary tables, views and triggers are not available: they would end with the statement.");
        }

        if (Access == SqlAccess.Read)
        {
            return Refuse("A query only reads.");
        }

        ChangesSchema |= action is not (raw.SQLITE_INSERT or raw.SQLITE_UPDATE or raw.SQLITE_DELETE);

        if (NamesOurs && ChangesSchema)
        {
            return Refuse($"Names that begin with {TriggerFunctions.Prefix} or {SqliteCapture.Prefix} are the silo's.");
        }

        // The silo's own triggers write through statements of whoever changes the row; nobody else touches them or what they are made of.
        switch (action)
        {
            case raw.SQLITE_CREATE_TRIGGER or raw.SQLITE_DROP_TRIGGER when IsOurs(first):
                return IsGuarded(second) ? Refuse(Keep(second)) : Refuse($"Names of triggers that begin with {TriggerFunctions.Prefix} or {SqliteCapture.Prefix} are the silo's.");
            case raw.SQLITE_DROP_TABLE or raw.SQLITE_DROP_VIEW when IsGuarded(first):
                return Refuse(Keep(first));
            case raw.SQLITE_ALTER_TABLE when IsGuarded(second):
                return Refuse(Keep(second));
            case raw.SQLITE_INSERT or raw.SQLITE_UPDATE or raw.SQLITE_DELETE when IsByOurs(trigger):
                return raw.SQLITE_OK;
            case raw.SQLITE_INSERT or raw.SQLITE_UPDATE or raw.SQLITE_DELETE or raw.SQLITE_CREATE_TABLE or raw.SQLITE_DROP_TABLE or raw.SQLITE_CREATE_VIEW or raw.SQLITE_CREATE_INDEX
                when IsOwnTable(first):
                return Refuse(KeepOwn(first));
            case raw.SQLITE_ALTER_TABLE or raw.SQLITE_CREATE_TRIGGER or raw.SQLITE_CREATE_INDEX or raw.SQLITE_DROP_INDEX when IsOwnTable(second):
                return Refuse(KeepOwn(second));
            case raw.SQLITE_CREATE_TRIGGER:
                TriggerOn = second.utf8_to_string();
                break;
        }

        Inserts |= action == raw.SQLITE_INSERT && first.utf8_to_string()?.StartsWith("sqlite_", StringComparison.OrdinalIgnoreCase) == false;
        return raw.SQLITE_OK;
    }

    private static bool IsOurs(utf8z name) => name.utf8_to_string() is { } text
        && (text.StartsWith(TriggerFunctions.Prefix, StringComparison.OrdinalIgnoreCase) || text.StartsWith(SqliteCapture.Prefix, StringComparison.OrdinalIgnoreCase));

    private static bool IsOwnTable(utf8z name) => name.utf8_to_string() is { } text && IsOwnTable(text);

    private bool IsByOurs(utf8z trigger) => !NamesOurs && IsOurs(trigger);

    private bool IsGuarded(utf8z table) => table.utf8_to_string() is { } name && (Guarded.Contains(name) || Captured.Contains(name));

    private static string KeepOwn(utf8z table) => $"The table {table.utf8_to_string()} is the silo's.";

    private string Keep(utf8z table) => table.utf8_to_string() is { } name && Guarded.Contains(name)
        ? $"The table {name} has triggers of the silo; delete those first."
        : $"The changes of the table {table.utf8_to_string()} are captured for pipelines; delete those first.";

    private int Refuse(string why)
    {
        Refusal ??= why;
        return raw.SQLITE_DENY;
    }
}
