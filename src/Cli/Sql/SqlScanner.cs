namespace HeliosEdge.Cli.Sql;

/// <summary>Steps over the parts of SQL in which nothing means anything: comments, strings, quoted names.</summary>
internal static class SqlScanner
{
    /// <summary>Steps over blanks and comments.</summary>
    /// <returns>Where something else begins, or the end of the text.</returns>
    public static int SkipBlank(string text, int at, SqlDialect dialect)
    {
        while (at < text.Length)
        {
            var next = char.IsWhiteSpace(text[at]) ? at + 1 : SkipComment(text, at, dialect);
            if (next == at)
            {
                return at;
            }

            at = next;
        }

        return at;
    }

    /// <summary>Steps over a comment.</summary>
    /// <returns>Where it ends; <paramref name="at"/> where none begins.</returns>
    public static int SkipComment(string text, int at, SqlDialect dialect)
    {
        if (string.CompareOrdinal(text, at, "--", 0, 2) == 0)
        {
            var end = text.IndexOf('\n', at);
            return end < 0 ? text.Length : end + 1;
        }

        if (string.CompareOrdinal(text, at, "/*", 0, 2) != 0)
        {
            return at;
        }

        var depth = 1;
        for (at += 2; at < text.Length && depth > 0;)
        {
            var step = 2;
            if (string.CompareOrdinal(text, at, "*/", 0, 2) == 0)
            {
                depth--;
            }
            else if (dialect == SqlDialect.PostgreSql && string.CompareOrdinal(text, at, "/*", 0, 2) == 0)
            {
                depth++;
            }
            else
            {
                step = 1;
            }

            at += step;
        }

        return at;
    }

    /// <summary>Steps over a string or a quoted name.</summary>
    /// <returns>Where it ends; <paramref name="at"/> where none begins.</returns>
    public static int SkipQuoted(string text, int at, SqlDialect dialect) => (text[at], dialect) switch
    {
        ('\'', SqlDialect.PostgreSql) => SkipQuotes(text, at, '\'', hasEscapes: IsEscapeString(text, at)),
        ('\'' or '"', _) => SkipQuotes(text, at, text[at], hasEscapes: false),
        ('`', SqlDialect.Sqlite) => SkipQuotes(text, at, '`', hasEscapes: false),
        ('[', SqlDialect.Sqlite) => text.IndexOf(']', at) is >= 0 and var end ? end + 1 : text.Length,
        ('$', SqlDialect.PostgreSql) => SkipDollars(text, at),
        _ => at,
    };

    /// <summary>Steps over a word: a keyword, a name or a number.</summary>
    /// <returns>Where it ends; <paramref name="at"/> where none begins.</returns>
    public static int SkipWord(string text, int at)
    {
        while (at < text.Length && IsOfWord(text[at]))
        {
            at++;
        }

        return at;
    }

    private static bool IsOfWord(char c) => char.IsLetterOrDigit(c) || c is '_' or '$' || c >= 0x80;

    private static int SkipQuotes(string text, int at, char quote, bool hasEscapes)
    {
        for (at++; at < text.Length; at++)
        {
            if (hasEscapes && text[at] == '\\')
            {
                at++;
            }
            else if (text[at] == quote)
            {
                if (at + 1 == text.Length || text[at + 1] != quote)
                {
                    return at + 1;
                }

                at++;
            }
        }

        return text.Length;
    }

    /// <summary>Whether a string begins as <c>E'…'</c>.</summary>
    private static bool IsEscapeString(string text, int at) => at > 0 && text[at - 1] is 'e' or 'E' && (at == 1 || !IsOfWord(text[at - 2]));

    private static int SkipDollars(string text, int at)
    {
        var end = at + 1;
        while (end < text.Length && text[end] != '$' && IsOfWord(text[end]))
        {
            end++;
        }

        if (end == text.Length || text[end] != '$' || (end > at + 1 && char.IsAsciiDigit(text[at + 1])))
        {
            return at;
        }

        var tag = text[at..(end + 1)];
        return text.IndexOf(tag, end + 1, StringComparison.Ordinal) is >= 0 and var close ? close + tag.Length : text.Length;
    }
}
