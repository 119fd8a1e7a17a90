namespace HeliosEdge.Cli.Sql;

/// <summary>Whose SQL a text is.</summary>
internal enum SqlDialect
{
    Sqlite,
    PostgreSql,
}
