using System.Text.Json;
using HeliosEdge.Sandbox.HostServices.Sql;
using Npgsql;
using NpgsqlTypes;

namespace HeliosEdge.Data.Postgres;

/// <summary>
/// Parameters of a statement: a JSON array of null, booleans, numbers, strings, <c>{"base64": "…"}</c> for bytes, other objects as JSON,
/// and arrays. They go to the server as text without a type, which the server takes as what the statement wants there.
/// </summary>
internal sealed class PostgresParameters
{
    private static readonly PostgresParameters None = new([]);

    private readonly JsonElement[] _values;

    private PostgresParameters(JsonElement[] values) => _values = values;

    /// <summary>Whether the server must be asked what the statement takes: an array of JSON and one of PostgreSQL differ.</summary>
    public bool HasArray => _values.Any(value => value.ValueKind == JsonValueKind.Array);

    /// <exception cref="StatementException">They are none, or not as many as the statement takes.</exception>
    public static PostgresParameters Of(ReadOnlyMemory<byte> json, int wanted)
    {
        var parameters = None;
        if (!json.IsEmpty)
        {
            try
            {
                using var document = JsonDocument.Parse(json);
                parameters = document.RootElement.ValueKind == JsonValueKind.Array
                    ? new PostgresParameters([.. document.RootElement.Clone().EnumerateArray()])
                    : throw Wrong("The parameters must be a JSON array.");
            }
            catch (JsonException e)
            {
                throw Wrong($"The parameters are no JSON: {e.Message}");
            }
        }

        return parameters._values.Length == wanted
            ? parameters
            : throw Wrong($"The statement takes {wanted} parameters, not {parameters._values.Length}.");
    }

    /// <param name="types">What the statement takes; null where there is no array.</param>
    /// <exception cref="StatementException">One is nothing that PostgreSQL can have.</exception>
    public IEnumerable<NpgsqlParameter> Make(PostgresType[]? types)
    {
        for (var i = 0; i < _values.Length; i++)
        {
            yield return Make(_values[i], i + 1, types is not null && i < types.Length ? types[i] : PostgresType.Text);
        }
    }

    /// <summary>The text of a value that is no array; never null.</summary>
    /// <exception cref="FormatException">PostgreSQL has no such text; the message follows a name.</exception>
    public static string TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.String => StringOf(value),
        JsonValueKind.Object when SqlBytes.TryRead(value, out var bytes) => $"\\x{Convert.ToHexStringLower(bytes)}",
        _ => value.GetRawText(),
    };

    /// <param name="value">The value.</param>
    /// <param name="number">Its number, for messages.</param>
    /// <param name="type">What the statement takes.</param>
    /// <exception cref="StatementException">It is nothing that PostgreSQL can have.</exception>
    public static NpgsqlParameter Make(JsonElement value, int number, PostgresType type)
    {
        try
        {
            return value.ValueKind switch
            {
                JsonValueKind.Null => OfText(null),
                JsonValueKind.Object when SqlBytes.TryRead(value, out var bytes) => new NpgsqlParameter { Value = bytes, NpgsqlDbType = NpgsqlDbType.Bytea },
                JsonValueKind.Array when type.Form == PostgresForm.Array => Unknown(PostgresArray.Read(value, type)),
                JsonValueKind.Array when type.Form != PostgresForm.Json => throw Wrong(
                    $"Parameter {number} is a JSON array, and the statement takes no array and no JSON there; a cast such as ${number}::int[] says what it is."),
                _ => Unknown(TextOf(value)),
            };
        }
        catch (FormatException e)
        {
            throw Wrong($"Parameter {number} {e.Message}.");
        }
    }

    private static string StringOf(JsonElement value)
    {
        string text;
        try
        {
            text = value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new FormatException("has half of a surrogate pair, which is no character");
        }

        return text.Contains('\0', StringComparison.Ordinal)
            ? throw new FormatException("has a zero character, and PostgreSQL text cannot have a zero character")
            : text;
    }

    /// <summary>A value as the server writes it, of whatever type the statement wants.</summary>
    public static NpgsqlParameter OfText(string? text) => text is null ? new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = NpgsqlDbType.Unknown } : Unknown(text);

    private static NpgsqlParameter Unknown(string text) => new() { Value = text, NpgsqlDbType = NpgsqlDbType.Unknown };

    private static StatementException Wrong(string message) => new(SqlOutcome.Failed, "22023", message);
}
