namespace HeliosEdge.Data.Postgres;

/// <summary>Tables and what else PostgreSQL has in <c>pg_class</c>, by the names that people give them.</summary>
internal static class PostgresRelation
{
    /// <summary>A condition: the row of <c>pg_class</c>, called <c>c</c>, is that of the name in <c>$1</c>, a <c>table</c> or a <c>schema.table</c>.</summary>
    public const string IsNamed =
        """
        c.oid = coalesce(
            pg_catalog.to_regclass(pg_catalog.quote_ident($1)),
            pg_catalog.to_regclass(pg_catalog.quote_ident(pg_catalog.split_part($1, '.', 1)) || '.' || pg_catalog.quote_ident(pg_catalog.substr($1, pg_catalog.strpos($1, '.') + 1))))
        """;

    /// <summary>Whether a text can be a name: the server takes no zero characters.</summary>
    public static bool CanBeName(string text) => text.Length > 0 && !text.Contains('\0', StringComparison.Ordinal);

    /// <summary>What something is that is no table, by the server's letter; null for a table.</summary>
    public static string? KindBesideTable(char kind) => kind switch
    {
        'r' or 'p' => null,
        'v' => "view",
        'm' => "materialized view",
        'f' => "foreign table",
        'S' => "sequence",
        _ => "index or type",
    };
}
