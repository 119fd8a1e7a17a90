using System.Buffers;
using System.Text;
using System.Text.Json;

namespace HeliosEdge.Data.Postgres;

/// <summary>Arrays as the server writes them, such as <c>{1,NULL,"a b"}</c>, and as JSON.</summary>
internal static class PostgresArray
{
    /// <summary>PostgreSQL has no more dimensions.</summary>
    private const int MaxDimensions = 6;

    /// <exception cref="FormatException">The text is no array.</exception>
    public static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> text, PostgresType type)
    {
        // Bounds that do not begin at 1 come first, as [0:2]=; JSON has nothing for them.
        var at = text is [(byte)'[', ..] ? text.IndexOf((byte)'=') + 1 : 0;
        WriteLevel(writer, text, ref at, type, 1);
        if (at != text.Length)
        {
            throw Malformed();
        }
    }

    /// <summary>Writes a JSON array as the server reads one.</summary>
    /// <exception cref="FormatException">It has a value that such an array cannot have; the message follows a name.</exception>
    public static string Read(JsonElement json, PostgresType type)
    {
        var text = new StringBuilder();
        ReadLevel(text, json, type, 1);
        return text.ToString();
    }

    private static void WriteLevel(Utf8JsonWriter writer, ReadOnlySpan<byte> text, ref int at, PostgresType type, int depth)
    {
        if (depth > MaxDimensions || At(text, at++) != '{')
        {
            throw Malformed();
        }

        writer.WriteStartArray();
        if (At(text, at) == '}')
        {
            at++;
            writer.WriteEndArray();
            return;
        }

        while (true)
        {
            switch (At(text, at))
            {
                case (byte)'{':
                    WriteLevel(writer, text, ref at, type, depth + 1);
                    break;
                case (byte)'"':
                    WriteQuoted(writer, text, ref at, type.Element!);
                    break;
                default:
                    WritePlain(writer, text, ref at, type);
                    break;
            }

            var end = At(text, at++);
            if (end == '}')
            {
                writer.WriteEndArray();
                return;
            }

            if (end != type.Delimiter)
            {
                throw Malformed();
            }
        }
    }

    private static void WritePlain(Utf8JsonWriter writer, ReadOnlySpan<byte> text, ref int at, PostgresType type)
    {
        var length = text[at..].IndexOfAny((byte)type.Delimiter, (byte)'}');
        if (length <= 0)
        {
            throw Malformed();
        }

        var element = text.Slice(at, length);
        at += length;
        if (Ascii.EqualsIgnoreCase(element, "NULL"u8))
        {
            writer.WriteNullValue();
            return;
        }

        PostgresJson.Write(writer, element, type.Element!);
    }

    private static void WriteQuoted(Utf8JsonWriter writer, ReadOnlySpan<byte> text, ref int at, PostgresType element)
    {
        var start = ++at;
        var escapes = 0;
        while (At(text, at) != '"')
        {
            var isEscape = text[at] == '\\';
            escapes += isEscape ? 1 : 0;
            at += isEscape ? 2 : 1;
        }

        var quoted = text[start..at++];
        if (escapes == 0)
        {
            PostgresJson.Write(writer, quoted, element);
            return;
        }

        var plain = ArrayPool<byte>.Shared.Rent(quoted.Length);
        var length = 0;
        for (var i = 0; i < quoted.Length; i++)
        {
            i += quoted[i] == '\\' ? 1 : 0;
            plain[length++] = quoted[i];
        }

        try
        {
            PostgresJson.Write(writer, plain.AsSpan(0, length), element);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(plain);
        }
    }

    private static byte At(ReadOnlySpan<byte> text, int at) => at < text.Length ? text[at] : throw Malformed();

    private static FormatException Malformed() => new("is no array as PostgreSQL writes them");

    private static void ReadLevel(StringBuilder text, JsonElement json, PostgresType type, int depth)
    {
        if (depth > MaxDimensions)
        {
            throw new FormatException($"has more than {MaxDimensions} dimensions");
        }

        text.Append('{');
        var isFirst = true;
        foreach (var value in json.EnumerateArray())
        {
            if (!isFirst)
            {
                text.Append(type.Delimiter);
            }

            isFirst = false;
            if (value.ValueKind == JsonValueKind.Null)
            {
                text.Append("NULL");
            }
            else if (type.Element!.Form == PostgresForm.Json)
            {
                // An array in it is a value of JSON, not another dimension.
                Quote(text, value.GetRawText());
            }
            else if (value.ValueKind == JsonValueKind.Array && type.Element.Form == PostgresForm.Array)
            {
                Quote(text, Read(value, type.Element));
            }
            else if (value.ValueKind == JsonValueKind.Array)
            {
                ReadLevel(text, value, type, depth + 1);
            }
            else
            {
                Quote(text, Plain(value, type.Element));
            }
        }

        text.Append('}');
    }

    private static string Plain(JsonElement value, PostgresType element) =>
        element.Form == PostgresForm.Bytes && value.ValueKind == JsonValueKind.String
            ? $"\\x{Convert.ToHexStringLower(value.TryGetBytesFromBase64(out var bytes) ? bytes : throw new FormatException("has a string that is no Base64, where it takes bytes"))}"
            : PostgresParameters.TextOf(value);

    private static void Quote(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (var c in value)
        {
            if (c is '"' or '\\')
            {
                text.Append('\\');
            }

            text.Append(c);
        }

        text.Append('"');
    }
}
