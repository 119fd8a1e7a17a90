using System.Collections.Frozen;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.HostServices.Sql;

namespace HeliosEdge.Data.Postgres;

/// <summary>
/// Which statements functions may run, by their first words. Transactions and the session are HeliosEdge's own. Roles, databases,
/// extensions and functions are the operator's: a function in a procedural language could do whatever the role may, such as give it
/// another password.
/// </summary>
internal static class PostgresRules
{
    private const string Reading = "SELECT, WITH, VALUES, TABLE or EXPLAIN";
    private const string Writing = $"{Reading}, INSERT, UPDATE, DELETE, MERGE, CREATE, ALTER, DROP, TRUNCATE, COMMENT, ANALYZE, REFRESH or REINDEX";
    private const string Objects = "TABLE, INDEX, VIEW, MATERIALIZED VIEW, SEQUENCE, TYPE, DOMAIN, SCHEMA, STATISTICS, POLICY or TRIGGER";

    private static readonly FrozenSet<string> Readers = Set(Reading);
    private static readonly FrozenSet<string> Writers = Set(Writing);
    private static readonly FrozenSet<string> Changers = Set("INSERT, UPDATE, DELETE or MERGE");
    private static readonly FrozenSet<string> Made = Set(Objects);
    private static readonly FrozenSet<string> Attributes =
        Set("OR, REPLACE, GLOBAL, LOCAL, TEMP, TEMPORARY, UNLOGGED, UNIQUE, RECURSIVE, CONSTRAINT");

    /// <exception cref="StatementException">It is none that functions may run.</exception>
    public static void Require(PostgresText text, SqlAccess access)
    {
        var first = text.Words.Count > 0 ? text.Words[0] : "";
        var shown = first.Length == 0 ? "what it begins with" : Quoted.Of(first);
        if (access == SqlAccess.Read && !Readers.Contains(first))
        {
            throw new StatementException(
                SqlOutcome.Failed, Writers.Contains(first) ? "25006" : "42501", $"A statement that only reads cannot begin with {shown}; it begins with {Reading}.");
        }

        if (!Writers.Contains(first))
        {
            throw new StatementException(SqlOutcome.Failed, "42501", $"A statement cannot begin with {shown}; it begins with {Writing}.");
        }

        if (first is "CREATE" or "ALTER" or "DROP" && text.Words.Skip(1).FirstOrDefault(word => !Attributes.Contains(word)) is var made && (made is null || !Made.Contains(made)))
        {
            throw new StatementException(SqlOutcome.Failed, "42501", $"Functions cannot {first} {Quoted.Of(made ?? "that")}; they can {first} {Objects}.");
        }

        if (first == "CREATE" && text.Words is [_, "SCHEMA", ..] && text.HasNestedCreate)
        {
            throw new StatementException(SqlOutcome.Failed, "42501", "A schema is made empty; what is in it is made by statements of their own.");
        }
    }

    /// <summary>Whether a statement may change more than rows: tables, triggers, schemas, or all rows of a table at once.</summary>
    public static bool ChangesObjects(PostgresText text) => !Readers.Contains(text.Words[0]) && !Changers.Contains(text.Words[0]);

    private static FrozenSet<string> Set(string words) =>
        words.Replace(" or ", ", ", StringComparison.Ordinal).Split(", ").Select(word => word.Split(' ')[0]).ToFrozenSet(StringComparer.Ordinal);
}
