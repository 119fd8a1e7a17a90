namespace HeliosEdge.Cli.Sql;

/// <summary>Splits a text into its statements at the semicolons that end them.</summary>
internal static class SqlSplitter
{
    /// <summary>All statements of a text; the last one may be without a semicolon.</summary>
    public static IReadOnlyList<SqlPiece> Split(string text, SqlDialect dialect)
    {
        var pieces = Ended(text, dialect, out var rest);
        if (rest < text.Length)
        {
            pieces.Add(Piece(text, rest, text.Length));
        }

        return pieces;
    }

    /// <summary>Whether a text is whole statements and nothing after them.</summary>
    public static bool IsWhole(string text, SqlDialect dialect)
    {
        Ended(text, dialect, out var rest);
        return rest == text.Length;
    }

    private static List<SqlPiece> Ended(string text, SqlDialect dialect, out int rest)
    {
        var pieces = new List<SqlPiece>();
        var at = SqlScanner.SkipBlank(text, 0, dialect);
        rest = at;
        var body = new SqlBody(dialect);
        while (at < text.Length)
        {
            if (text[at] == ';')
            {
                if (body.Ends())
                {
                    if (at > rest)
                    {
                        pieces.Add(Piece(text, rest, at));
                    }

                    body = new SqlBody(dialect);
                    at = SqlScanner.SkipBlank(text, at + 1, dialect);
                    rest = at;
                    continue;
                }

                at++;
            }
            else if (SqlScanner.SkipWord(text, at) is var word && word > at && text[at] != '$')
            {
                body.Word(text[at..word]);
                at = word;
            }
            else
            {
                body.Other(text[at]);
                at = Math.Max(at + 1, SqlScanner.SkipQuoted(text, at, dialect));
            }

            at = SqlScanner.SkipBlank(text, at, dialect);
        }

        return pieces;
    }

    private static SqlPiece Piece(string text, int from, int to) =>
        new(text[from..to].TrimEnd(), text.AsSpan(0, from).Count('\n') + 1);
}
