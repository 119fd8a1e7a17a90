namespace HeliosEdge.Cli.Sql;

/// <summary>Tells by a statement's first word what it is for.</summary>
internal static class StatementWord
{
    /// <summary>Whether a statement looks as if it only read.</summary>
    public static bool IsQuery(string sql, SqlDialect dialect)
    {
        var at = SqlScanner.SkipBlank(sql, 0, dialect);
        while (at < sql.Length && sql[at] == '(')
        {
            at = SqlScanner.SkipBlank(sql, at + 1, dialect);
        }

        return sql[at..SqlScanner.SkipWord(sql, at)].ToUpperInvariant() is "SELECT" or "VALUES" or "WITH" or "TABLE" or "EXPLAIN";
    }
}
