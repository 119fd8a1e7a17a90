using HeliosEdge.Cli.Output;

namespace HeliosEdge.Cli.Sql;

/// <summary>Shows where in a statement an error is: its line, and a caret below.</summary>
internal static class StatementMark
{
    /// <summary>Characters of a line that are shown before and after the place.</summary>
    private const int Around = 60;

    /// <summary>The lines to show.</summary>
    /// <param name="sql">The statement.</param>
    /// <param name="position">The place in characters from 1; null where nobody knows, which shows the first line alone.</param>
    /// <param name="line">The line on which the statement begins where it came from.</param>
    public static IReadOnlyList<string> Lines(string sql, int? position, int line)
    {
        var at = position is { } number ? IndexOf(sql, number) : 0;
        var start = at == 0 ? 0 : sql.LastIndexOf('\n', at - 1) + 1;
        var end = sql.IndexOf('\n', at) is >= 0 and var next ? next : sql.Length;
        var from = Math.Max(start, at - Around);
        var to = Math.Min(end, at + Around);
        var label = $"line {line + sql.AsSpan(0, start).Count('\n')}: {(from > start ? "…" : "")}";
        var shown = ErrorLine.OneLine($"{label}{sql[from..to]}{(to < end ? "…" : "")}");
        return position is null ? [shown] : [shown, $"{new string(' ', label.Length + Width(sql.AsSpan(from, at - from)))}^"];
    }

    /// <summary>Positions count code points.</summary>
    private static int IndexOf(string sql, int position)
    {
        var at = 0;
        for (; position > 1 && at < sql.Length; position--)
        {
            at += char.IsSurrogatePair(sql, at) ? 2 : 1;
        }

        return at;
    }

    private static int Width(ReadOnlySpan<char> text)
    {
        var width = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            width++;
        }

        return width;
    }
}
