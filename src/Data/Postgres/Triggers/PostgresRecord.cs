using System.Buffers;
using System.Text;

namespace HeliosEdge.Data.Postgres.Triggers;

/// <summary>Rows as the server writes them, such as <c>(1,"a ""b""",)</c>.</summary>
internal static class PostgresRecord
{
    /// <summary>What has a value written in quotes.</summary>
    private static readonly SearchValues<char> Quoted = SearchValues.Create("\"\\(), \t\n\r\v\f");

    /// <summary>The values of a row; null for NULL.</summary>
    /// <exception cref="FormatException">The text is no row.</exception>
    public static List<string?> Read(string text)
    {
        if (text is not ['(', .., ')'])
        {
            throw Malformed();
        }

        List<string?> values = [];
        if (text.Length == 2)
        {
            // Without a column, or with one that is NULL: the server writes both alike.
            return [null];
        }

        var at = 1;
        while (true)
        {
            values.Add(ReadValue(text, ref at));
            switch (text[at++])
            {
                case ',':
                    continue;
                case ')' when at == text.Length:
                    return values;
                default:
                    throw Malformed();
            }
        }
    }

    /// <summary>A row of one value.</summary>
    public static string Of(string? value) => value is null ? "()"
        : value.Length > 0 && !value.AsSpan().ContainsAny(Quoted) ? $"({value})"
        : $"(\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\"\"", StringComparison.Ordinal)}\")";

    private static string? ReadValue(string text, ref int at)
    {
        if (text[at] is ',' or ')')
        {
            return null;
        }

        if (text[at] != '"')
        {
            var end = text.AsSpan(at).IndexOfAny(',', ')') + at;
            var plain = text[at..end];
            at = end;
            return plain;
        }

        var value = new StringBuilder();
        for (at++; at < text.Length; at++)
        {
            var c = text[at];
            if (c is '"' or '\\')
            {
                at++;
                if (at == text.Length || (c == '"' && text[at] != '"'))
                {
                    break;
                }
            }

            value.Append(text[at]);
        }

        return at < text.Length ? value.ToString() : throw Malformed();
    }

    private static FormatException Malformed() => new("is no row as PostgreSQL writes them");
}
