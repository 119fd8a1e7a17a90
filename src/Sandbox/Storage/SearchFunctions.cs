using System.Text;
using Microsoft.Data.Sqlite;

namespace HeliosEdge.Sandbox.Storage;

/// <summary>
/// SQLite's <c>instr</c> and <c>replace</c> for statements of guests. Its own compare the second argument at every position of the
/// first, for minutes on two large ones, and nothing interrupts a function; these refuse what takes longer than a few milliseconds.
/// </summary>
internal static class SearchFunctions
{
    /// <summary>The most that the lengths of the two, multiplied, may be.</summary>
    private const long MaxComparisons = 64 << 20;

    /// <summary>Puts them in the place of SQLite's own on one connection.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="isLate">Whether the deadline has passed; each call looks.</param>
    public static void Replace(SqliteConnection connection, Func<bool> isLate)
    {
        connection.CreateFunction<object?, object?, long?>("instr", (text, part) => Find(text, part, isLate), isDeterministic: true);
        connection.CreateFunction<object?, object?, object?, string?>(
            "replace", (text, part, by) => Replace(text, part, by, isLate), isDeterministic: true);
    }

    private static long? Find(object? text, object? part, Func<bool> isLate)
    {
        if (text is null or DBNull || part is null or DBNull)
        {
            return null;
        }

        if (text is byte[] bytes && part is byte[] sought)
        {
            Check(bytes.Length, sought.Length, isLate);
            return bytes.AsSpan().IndexOf(sought) + 1;
        }

        var (whole, piece) = (Text(text), Text(part));
        Check(whole.Length, piece.Length, isLate);
        var at = whole.IndexOf(piece, StringComparison.Ordinal);
        if (at < 0)
        {
            return 0;
        }

        // SQLite counts code points.
        var before = 1L;
        foreach (var _ in whole.AsSpan(0, at).EnumerateRunes())
        {
            before++;
        }

        return before;
    }

    private static string? Replace(object? text, object? part, object? by, Func<bool> isLate)
    {
        if (text is null or DBNull || part is null or DBNull || by is null or DBNull)
        {
            return null;
        }

        var (whole, piece, other) = (Text(text), Text(part), Text(by));
        if (piece.Length == 0)
        {
            return whole;
        }

        // The result is at most as long as if every character were replaced, which SQLite's own limit is the bound of.
        Check(whole.Length, Math.Max(piece.Length, other.Length / piece.Length), isLate);
        return whole.Replace(piece, other, StringComparison.Ordinal);
    }

    private static string Text(object value) => value switch
    {
        string text => text,
        byte[] bytes => Encoding.UTF8.GetString(bytes),
        double number when double.IsInteger(number) && Math.Abs(number) < 1e15 => number.ToString("F1", System.Globalization.CultureInfo.InvariantCulture),
        IFormattable number => number.ToString(null, System.Globalization.CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    private static void Check(long length, long sought, Func<bool> isLate)
    {
        if (isLate() || length * sought > MaxComparisons)
        {
            throw new InvalidOperationException(
                $"{sought} characters can not be sought in {length}: multiplied that may be at most {MaxComparisons}.");
        }
    }
}
