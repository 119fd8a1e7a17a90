using System.Text;
using SQLitePCL;

namespace HeliosEdge.Sandbox.HostServices.Sql;

/// <summary>
/// SQLite's functions whose effort is the product of their arguments, done over with a limit: one call of theirs is one step of the
/// virtual machine, in which no deadline is looked at. <c>trim</c> of half a MiB by half a MiB takes SQLite's own minutes.
/// </summary>
internal static class BoundedFunctions
{
    /// <summary>Same arguments, same result, and harmless in a schema (<c>SQLITE_INNOCUOUS</c>).</summary>
    private const int Flags = raw.SQLITE_DETERMINISTIC | 0x200000;

    public static void Register(sqlite3 database, int maxBytes)
    {
        Add("instr", 2, Find);
        Add("replace", 3, (context, arguments) => Replace(context, arguments, maxBytes));
        Add("trim", 2, (context, arguments) => Trim(context, arguments, atStart: true, atEnd: true));
        Add("ltrim", 2, (context, arguments) => Trim(context, arguments, atStart: true, atEnd: false));
        Add("rtrim", 2, (context, arguments) => Trim(context, arguments, atStart: false, atEnd: true));

        void Add(string name, int arguments, Action<sqlite3_context, sqlite3_value[]> body) => raw.sqlite3_create_function(
            database,
            name,
            arguments,
            Flags,
            null,
            (context, _, values) =>
            {
                if (Array.Exists(values, value => raw.sqlite3_value_type(value) == raw.SQLITE_NULL))
                {
                    raw.sqlite3_result_null(context);
                }
                else
                {
                    body(context, values);
                }
            });
    }

    private static void Find(sqlite3_context context, sqlite3_value[] arguments)
    {
        var areBlobs = Array.TrueForAll(arguments, value => raw.sqlite3_value_type(value) == raw.SQLITE_BLOB);
        var text = raw.sqlite3_value_blob(arguments[0]);
        var sought = raw.sqlite3_value_blob(arguments[1]);
        if (IsTooMuch(context, "instr", text, sought))
        {
            return;
        }

        // Blobs count bytes, text counts code points: bytes that do not continue one.
        var at = text.IndexOf(sought);
        raw.sqlite3_result_int64(context, at < 0 ? 0 : areBlobs ? at + 1 : CodePoints(text[..at]) + 1);
    }

    private static void Replace(sqlite3_context context, sqlite3_value[] arguments, int maxBytes)
    {
        var text = raw.sqlite3_value_blob(arguments[0]);
        var sought = raw.sqlite3_value_blob(arguments[1]);
        var replacement = raw.sqlite3_value_blob(arguments[2]);
        if (IsTooMuch(context, "replace", text, sought))
        {
            return;
        }

        var result = new MemoryStream(text.Length);
        while (!sought.IsEmpty && text.IndexOf(sought) is var at and >= 0)
        {
            result.Write(text[..at]);
            result.Write(replacement);
            text = text[(at + sought.Length)..];
            if (result.Length > maxBytes)
            {
                break;
            }
        }

        result.Write(text);
        if (result.Length > maxBytes)
        {
            raw.sqlite3_result_error_toobig(context);
            return;
        }

        Give(context, result.GetBuffer().AsSpan(0, (int)result.Length));
    }

    private static void Trim(sqlite3_context context, sqlite3_value[] arguments, bool atStart, bool atEnd)
    {
        var text = raw.sqlite3_value_blob(arguments[0]);
        var characters = raw.sqlite3_value_blob(arguments[1]);
        var set = new HashSet<Rune>();
        foreach (var rune in Encoding.UTF8.GetString(characters).EnumerateRunes())
        {
            set.Add(rune);
        }

        while (atStart && Rune.DecodeFromUtf8(text, out var first, out var length) == System.Buffers.OperationStatus.Done && set.Contains(first))
        {
            text = text[length..];
        }

        while (atEnd && Rune.DecodeLastFromUtf8(text, out var last, out var length) == System.Buffers.OperationStatus.Done && set.Contains(last))
        {
            text = text[..^length];
        }

        Give(context, text);
    }

    private static void Give(sqlite3_context context, ReadOnlySpan<byte> text)
    {
        // An empty span is passed on as no text at all, which is NULL.
        if (text.IsEmpty)
        {
            raw.sqlite3_result_text(context, "");
        }
        else
        {
            raw.sqlite3_result_text(context, text);
        }
    }

    private static bool IsTooMuch(sqlite3_context context, string name, ReadOnlySpan<byte> text, ReadOnlySpan<byte> other)
    {
        if ((long)text.Length * other.Length <= SqlLimits.MaxProduct)
        {
            return false;
        }

        raw.sqlite3_result_error(
            context,
            $"{name} of {text.Length} bytes with {other.Length} bytes is too much; their product may be up to {SqlLimits.MaxProduct}.");
        return true;
    }

    private static int CodePoints(ReadOnlySpan<byte> text)
    {
        var points = 0;
        foreach (var b in text)
        {
            points += (b & 0xC0) == 0x80 ? 0 : 1;
        }

        return points;
    }
}
