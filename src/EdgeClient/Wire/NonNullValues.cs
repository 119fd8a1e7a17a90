using System.Text.Json;
using System.Text.Json.Serialization;

namespace HeliosEdge.Client.Wire;

/// <summary>Refuses null within an object of strings, which the serializer's nullability checks do not look into.</summary>
internal sealed class NonNullValues : JsonConverter<IReadOnlyDictionary<string, string>>
{
    public override IReadOnlyDictionary<string, string> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException($"An object of strings was expected, found {reader.TokenType}.");
        }

        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var name = Text(ref reader);
            reader.Read();
            map[name] = reader.TokenType == JsonTokenType.String
                ? Text(ref reader)
                : throw new JsonException($"An object of strings holds {reader.TokenType}.");
        }

        return map;
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyDictionary<string, string> value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach (var (name, text) in value)
        {
            writer.WriteString(name, text);
        }

        writer.WriteEndObject();
    }

    private static string Text(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            // Half of a surrogate pair, written as an escape.
            throw new JsonException("A text is no valid Unicode.", e);
        }
    }
}
