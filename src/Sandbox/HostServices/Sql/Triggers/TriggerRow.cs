using System.Buffers;
using System.Text.Json;
using HeliosEdge.Sandbox.HostServices.Sql.Functions;
using SQLitePCL;

namespace HeliosEdge.Sandbox.HostServices.Sql.Triggers;

/// <summary>Columns that a trigger passes on, and those of them that are the row's key.</summary>
/// <param name="Columns">The names of all, in the order of the values.</param>
/// <param name="Key">How many of them, the first ones, are the key.</param>
/// <param name="Shown">The names of those that the guest gets.</param>
internal sealed record TriggerRow(string[] Columns, int Key, HashSet<string> Shown)
{
    // Encoded once for all rows; null for a column that the guest does not get.
    private readonly JsonEncodedText?[] _names = [.. Columns.Select(column => Shown.Contains(column) ? JsonEncodedText.Encode(column) : (JsonEncodedText?)null)];

    /// <summary>The columns that a guest may change: of those that it gets, those that are not the key.</summary>
    public HashSet<string> Changeable { get; } = [.. Columns.Skip(Key).Where(Shown.Contains)];

    /// <summary>Writes the columns that the guest gets as an object.</summary>
    /// <returns>Null, or why JSON cannot have one of them.</returns>
    public string? TryWrite(Utf8JsonWriter writer, ReadOnlySpan<sqlite3_value> values)
    {
        writer.WriteStartObject();
        for (var i = 0; i < Columns.Length; i++)
        {
            if (_names[i] is not { } name)
            {
                continue;
            }

            writer.WritePropertyName(name);
            if (SqlValues.TryWrite(writer, values[i]) is { } unfit)
            {
                return $"The value of the column \"{Quoted.Of(Columns[i])}\" {unfit}.";
            }
        }

        writer.WriteEndObject();
        return null;
    }

    /// <summary>The row's key, for messages.</summary>
    public string KeyOf(ReadOnlySpan<sqlite3_value> values)
    {
        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json, new JsonWriterOptions { SkipValidation = true }))
        {
            writer.WriteStartObject();
            for (var i = 0; i < Key; i++)
            {
                writer.WritePropertyName(Columns[i]);
                if (SqlValues.TryWrite(writer, values[i]) is not null)
                {
                    writer.WriteNullValue();
                }
            }

            writer.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(json.WrittenSpan);
    }
}
