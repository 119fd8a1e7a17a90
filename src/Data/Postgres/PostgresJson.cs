using System.Buffers;
using System.Text.Json;

namespace HeliosEdge.Data.Postgres;

/// <summary>Writes a value as JSON, from the text that the server has for it.</summary>
internal static class PostgresJson
{
    /// <exception cref="FormatException">The text is none of the type's.</exception>
    public static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> text, PostgresType type)
    {
        switch (type.Form)
        {
            case PostgresForm.Boolean:
                writer.WriteBooleanValue(text is [(byte)'t', ..]);
                break;
            case PostgresForm.Number when text is [.., >= (byte)'0' and <= (byte)'9']:
            case PostgresForm.Json:
                writer.WriteRawValue(text, skipInputValidation: true);
                break;
            case PostgresForm.Bytes:
                WriteBytes(writer, text);
                break;
            case PostgresForm.Moment or PostgresForm.LocalMoment:
                WriteMoment(writer, text, type.Form == PostgresForm.Moment);
                break;
            case PostgresForm.Array:
                PostgresArray.Write(writer, text, type);
                break;
            default:
                writer.WriteStringValue(text);
                break;
        }
    }

    private static void WriteBytes(Utf8JsonWriter writer, ReadOnlySpan<byte> text)
    {
        if (!text.StartsWith("\\x"u8))
        {
            throw new FormatException("is bytea that is not written in hex; bytea_output was changed");
        }

        var bytes = new byte[(text.Length - 2) / 2];
        if (Convert.FromHexString(text[2..], bytes, out _, out _) != OperationStatus.Done)
        {
            throw new FormatException("is bytea that is no hex");
        }

        writer.WriteBase64StringValue(bytes);
    }

    /// <summary>Writes <c>2026-11-29 08:19:33+00</c> as RFC 3339 has it, and what is of another form, such as infinity, as it is.</summary>
    private static void WriteMoment(Utf8JsonWriter writer, ReadOnlySpan<byte> text, bool hasZone)
    {
        var space = text.IndexOf((byte)' ');
        var isPlain = space > 0 && text is [>= (byte)'0' and <= (byte)'9', ..] && (hasZone ? text.EndsWith("+00"u8) : text[^1] is >= (byte)'0' and <= (byte)'9');
        if (!isPlain)
        {
            writer.WriteStringValue(text);
            return;
        }

        Span<byte> moment = stackalloc byte[64];
        if (text.Length > moment.Length)
        {
            throw new FormatException("is a moment that is too long");
        }

        text.CopyTo(moment);
        moment[space] = (byte)'T';
        var length = text.Length;
        if (hasZone)
        {
            length -= 2;
            moment[length - 1] = (byte)'Z';
        }

        writer.WriteStringValue(moment[..length]);
    }
}
