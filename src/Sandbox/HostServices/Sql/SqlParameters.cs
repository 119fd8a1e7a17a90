using System.Text;
using System.Text.Json;
using SQLitePCL;

namespace HeliosEdge.Sandbox.HostServices.Sql;

/// <summary>Parameters of a statement: a JSON array of null, booleans, numbers, strings and <c>{"base64": "…"}</c> for a BLOB.</summary>
internal static class SqlParameters
{
    /// <exception cref="StatementException">They are none, or not as many as the statement takes.</exception>
    public static void Bind(sqlite3_stmt statement, ReadOnlyMemory<byte> parameters)
    {
        var wanted = raw.sqlite3_bind_parameter_count(statement);
        var number = 0;
        try
        {
            if (!parameters.IsEmpty)
            {
                using var json = JsonDocument.Parse(parameters);
                if (json.RootElement.ValueKind != JsonValueKind.Array)
                {
                    throw new StatementException(SqlOutcome.Failed, "22023", "The parameters must be a JSON array.");
                }

                number = json.RootElement.GetArrayLength();
                if (number == wanted)
                {
                    Bind(statement, json.RootElement);
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new StatementException(SqlOutcome.Failed, "22023", $"The parameters are no JSON array of null, booleans, numbers and strings: {e.Message}");
        }

        if (number != wanted)
        {
            throw new StatementException(SqlOutcome.Failed, "22023", $"The statement takes {wanted} parameters, not {number}.");
        }
    }

    private static void Bind(sqlite3_stmt statement, JsonElement parameters)
    {
        var number = 0;
        foreach (var value in parameters.EnumerateArray())
        {
            number++;
            var result = value.ValueKind switch
            {
                JsonValueKind.Null => raw.sqlite3_bind_null(statement, number),
                JsonValueKind.True => raw.sqlite3_bind_int64(statement, number, 1),
                JsonValueKind.False => raw.sqlite3_bind_int64(statement, number, 0),

                // An empty span is passed on as no text at all, which is NULL.
                JsonValueKind.String when value.ValueEquals("") => raw.sqlite3_bind_text(statement, number, ""),
                JsonValueKind.String => raw.sqlite3_bind_text(statement, number, Encoding.UTF8.GetBytes(value.GetString()!)),
                JsonValueKind.Number when value.TryGetInt64(out var whole) => raw.sqlite3_bind_int64(statement, number, whole),
                JsonValueKind.Number => raw.sqlite3_bind_double(statement, number, RealOf(value, number)),
                JsonValueKind.Object when SqlBytes.TryRead(value, out var bytes) =>
                    bytes.Length == 0 ? raw.sqlite3_bind_zeroblob(statement, number, 0) : raw.sqlite3_bind_blob(statement, number, bytes),
                _ => throw new StatementException(
                    SqlOutcome.Failed, "22023", $"Parameter {number} must be null, a boolean, a number, a string, or {{\"base64\": \"…\"}} for a BLOB."),
            };
            if (result != raw.SQLITE_OK)
            {
                throw new StatementException(SqlOutcome.Failed, "22023", $"Parameter {number} is too large.");
            }
        }
    }

    /// <summary>A number with a fraction or an exponent; one without is exact or refused.</summary>
    private static double RealOf(JsonElement value, int number)
    {
        var text = value.GetRawText();
        if (!text.AsSpan().ContainsAny(".eE"))
        {
            throw new StatementException(
                SqlOutcome.Failed, "22003", $"Parameter {number} is {Quoted.Of(text)}, a whole number of more than 64 bits; with .0 behind it, it is the nearest REAL.");
        }

        var real = value.GetDouble();
        return double.IsFinite(real)
            ? real
            : throw new StatementException(SqlOutcome.Failed, "22023", $"Parameter {number} is {Quoted.Of(text)}, which is beyond the largest REAL.");
    }
}
