using System.Text.Json;
using System.Text.Unicode;
using SQLitePCL;

namespace HeliosEdge.Sandbox.HostServices.Sql.Functions;

/// <summary>Values of SQLite as JSON and back, for guests that are called by a statement.</summary>
internal static class SqlValues
{
    /// <summary>Writes a value.</summary>
    /// <returns>Null, or why JSON cannot have it.</returns>
    public static string? TryWrite(Utf8JsonWriter writer, sqlite3_value value)
    {
        switch (raw.sqlite3_value_type(value))
        {
            case raw.SQLITE_INTEGER:
                writer.WriteNumberValue(raw.sqlite3_value_int64(value));
                return null;
            case raw.SQLITE_FLOAT:
                var number = raw.sqlite3_value_double(value);
                if (!double.IsFinite(number))
                {
                    return "is no finite number, which JSON cannot have";
                }

                writer.WriteNumberValue(number);
                return null;
            case raw.SQLITE_TEXT:
                var text = raw.sqlite3_value_blob(value);
                if (!Utf8.IsValid(text))
                {
                    return "is text that is no UTF-8";
                }

                writer.WriteStringValue(text);
                return null;
            case raw.SQLITE_BLOB:
                SqlBytes.Write(writer, raw.sqlite3_value_blob(value));
                return null;
            default:
                writer.WriteNullValue();
                return null;
        }
    }

    /// <summary>Gives what a guest answered as the result of a function.</summary>
    public static void Give(sqlite3_context context, string name, ReadOnlyMemory<byte> json, StatementGuests guests)
    {
        try
        {
            var reader = new Utf8JsonReader(json.Span);
            using var document = JsonDocument.ParseValue(ref reader);
            if (reader.BytesConsumed == json.Length || json.Span[(int)reader.BytesConsumed..].Trim(" \t\r\n"u8).IsEmpty)
            {
                Give(context, document.RootElement);
                return;
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Said below, as of any other answer that is none.
        }

        var failure = new SandboxException(ErrorCodes.CorruptedResponse, $"What {name} answered is no JSON value.");
        guests.Fail(name, failure);
        raw.sqlite3_result_error(context, failure.Message);
    }

    /// <summary>Gives an argument as the result of a function.</summary>
    public static void Give(sqlite3_context context, sqlite3_value value)
    {
        switch (raw.sqlite3_value_type(value))
        {
            case raw.SQLITE_INTEGER:
                raw.sqlite3_result_int64(context, raw.sqlite3_value_int64(value));
                break;
            case raw.SQLITE_FLOAT:
                raw.sqlite3_result_double(context, raw.sqlite3_value_double(value));
                break;
            case raw.SQLITE_TEXT:
                raw.sqlite3_result_text(context, raw.sqlite3_value_text(value));
                break;
            case raw.SQLITE_BLOB:
                raw.sqlite3_result_blob(context, raw.sqlite3_value_blob(value));
                break;
            default:
                raw.sqlite3_result_null(context);
                break;
        }
    }

    /// <summary>Whether a text is one JSON value.</summary>
    public static bool IsJson(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        try
        {
            if (!reader.Read())
            {
                return false;
            }

            reader.Skip();
            return !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Gives a value as the result of a function.</summary>
    public static void Give(sqlite3_context context, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Null:
                raw.sqlite3_result_null(context);
                break;
            case JsonValueKind.True or JsonValueKind.False:
                raw.sqlite3_result_int64(context, value.GetBoolean() ? 1 : 0);
                break;
            case JsonValueKind.Number when value.TryGetInt64(out var whole):
                raw.sqlite3_result_int64(context, whole);
                break;
            case JsonValueKind.Number:
                raw.sqlite3_result_double(context, value.GetDouble());
                break;
            case JsonValueKind.String:
                raw.sqlite3_result_text(context, value.GetString()!);
                break;
            case JsonValueKind.Object when SqlBytes.TryRead(value, out var bytes):
                raw.sqlite3_result_blob(context, bytes);
                break;
            default:
                raw.sqlite3_result_text(context, value.GetRawText());
                break;
        }
    }
}
