using System.Text.Json;

namespace HeliosEdge.Sandbox.HostServices.Sql;

/// <summary>Bytes as a parameter: <c>{"base64": "AQI="}</c>, since a string is text.</summary>
public static class SqlBytes
{
    private const string Member = "base64";

    /// <summary>Writes them.</summary>
    public static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> bytes)
    {
        writer.WriteStartObject();
        writer.WriteBase64String(Member, bytes);
        writer.WriteEndObject();
    }

    /// <summary>Reads them.</summary>
    /// <returns>False if the value is something else.</returns>
    public static bool TryRead(JsonElement value, out byte[] bytes)
    {
        bytes = [];
        return value.ValueKind == JsonValueKind.Object
            && value.GetPropertyCount() == 1
            && value.TryGetProperty(Member, out var text)
            && text.ValueKind == JsonValueKind.String
            && text.TryGetBytesFromBase64(out bytes!);
    }
}
