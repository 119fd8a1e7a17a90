using System.Text.Json;
using HeliosEdge.Sandbox;

namespace HeliosEdge.Silo.Http;

/// <summary>What JSON from outside may be like. It is looked at token by token, so that nothing is built from what is refused.</summary>
internal static class JsonCaps
{
    /// <summary>Objects and lists within each other.</summary>
    public const int MaxDepth = 8;

    /// <summary>Values of all kinds, those in lists included.</summary>
    public const int MaxValues = 10_000;

    /// <summary>Bytes of a member's name, as it is written.</summary>
    public const int MaxNameBytes = 1_024;

    /// <summary>Bytes of a string, as it is written.</summary>
    public const int MaxStringBytes = 1 << 20;

    /// <summary>Refuses what is over a cap.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="what">What the JSON is, for the message.</param>
    /// <param name="maxValues">Values of all kinds that it may have.</param>
    /// <param name="maxDepth">Objects and lists within each other that it may have.</param>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/>, with limit and value.</exception>
    /// <exception cref="JsonException">It is no JSON, or too deep.</exception>
    public static void Check(ReadOnlySpan<byte> json, string what, int maxValues = MaxValues, int maxDepth = MaxDepth)
    {
        var values = 0;
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = maxDepth });
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    Require(reader.ValueSpan.Length, MaxNameBytes, $"{what} has a member whose name has", "bytes");
                    break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    break;
                default:
                    values++;
                    if (reader.TokenType == JsonTokenType.String)
                    {
                        Require(reader.ValueSpan.Length, MaxStringBytes, $"{what} has a string of", "bytes");
                    }

                    break;
            }
        }

        Require(values, maxValues, $"{what} has", "values");
    }

    private static void Require(int value, int limit, string has, string unit)
    {
        if (value > limit)
        {
            throw new SandboxException(ErrorCodes.InvalidParameter, $"{has} {value} {unit}; the limit is {limit} {unit}.")
            {
                Limit = limit,
                Value = value,
            };
        }
    }
}
