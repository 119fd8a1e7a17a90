using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;
using HeliosEdge.Sandbox.Abi.Http;

namespace HeliosEdge.Sandbox.Abi.Envelopes;

/// <summary>An HTTP response as the JSON that guests of <c>helios-1</c> and <c>extism</c> answer with.</summary>
internal static class ResponseEnvelope
{
    private const string What = "it should be a JSON object with status, headers, body and bodyEncoding";

    private static readonly JsonReaderOptions Strict = new() { MaxDepth = 4 };

    /// <summary>Reads an envelope.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidHttpResponse"/>, saying what is wrong and where.</exception>
    public static (GuestResponse Head, ReadOnlyMemory<byte> Body) Parse(ReadOnlySpan<byte> json)
    {
        if (json.IsEmpty)
        {
            throw ResponseHead.Invalid($"it is empty; {What}");
        }

        var reader = new Utf8JsonReader(json, Strict);
        try
        {
            return Read(ref reader);
        }
        catch (JsonException e)
        {
            throw ResponseHead.Invalid($"it is no valid JSON at byte {reader.BytesConsumed} or shortly after; {What}", e);
        }
        catch (InvalidOperationException e)
        {
            // What the reader has for text that is no Unicode.
            throw ResponseHead.Invalid($"the string at byte {reader.TokenStartIndex} is no valid UTF-8, or half a surrogate pair", e);
        }
    }

    private static (GuestResponse Head, ReadOnlyMemory<byte> Body) Read(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw ResponseHead.Invalid($"it is {Describe(reader.TokenType)}; {What}");
        }

        var head = new ResponseHead();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        long? status = null;
        byte[] body = [];
        var length = 0;
        var isBase64 = false;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var member = reader.GetString()!;
            if (!seen.Add(member))
            {
                throw ResponseHead.Invalid($"\"{Excerpt.Of(member)}\" is there twice");
            }

            reader.Read();
            switch (member)
            {
                case "status":
                    status = reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var number)
                        ? number
                        : throw ResponseHead.Invalid($"status must be a whole number, not {Describe(reader.TokenType)}");
                    break;
                case "headers":
                    ReadHeaders(ref reader, head);
                    break;
                case "body":
                    Require(reader.TokenType, JsonTokenType.String, "body", "a string");
                    body = GC.AllocateUninitializedArray<byte>(reader.ValueSpan.Length);
                    length = reader.CopyString(body);
                    break;
                case "bodyEncoding":
                    Require(reader.TokenType, JsonTokenType.String, "bodyEncoding", "a string");
                    isBase64 = reader.GetString() switch
                    {
                        "utf8" => false,
                        "base64" => true,
                        var other => throw ResponseHead.Invalid($"bodyEncoding must be utf8 or base64, not \"{Excerpt.Of(other!)}\""),
                    };
                    break;
                default:
                    throw ResponseHead.Invalid($"\"{Excerpt.Of(member)}\" is unknown; {What}");
            }
        }

        // Whatever follows the object is a fault of the JSON.
        reader.Read();
        if (isBase64 && Base64.DecodeFromUtf8InPlace(body.AsSpan(0, length), out length) != OperationStatus.Done)
        {
            throw ResponseHead.Invalid("body is no valid Base64, as bodyEncoding says that it is");
        }

        var answer = head.End(status ?? throw ResponseHead.Invalid("there is no status"), "status");
        ResponseHead.CheckBody(answer, length);
        return (answer, body.AsMemory(0, length));
    }

    private static void ReadHeaders(ref Utf8JsonReader reader, ResponseHead head)
    {
        const string Form = "an array of pairs such as [\"content-type\", \"text/plain\"]";
        Require(reader.TokenType, JsonTokenType.StartArray, "headers", Form);
        for (var at = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; at++)
        {
            var where = $"headers[{at}]";
            Require(reader.TokenType, JsonTokenType.StartArray, where, "a pair of strings");
            reader.Read();
            Require(reader.TokenType, JsonTokenType.String, $"{where}[0]", "a string");
            var name = reader.GetString()!;
            reader.Read();
            Require(reader.TokenType, JsonTokenType.String, $"{where}[1]", "a string");
            var value = reader.GetString()!;
            reader.Read();
            Require(reader.TokenType, JsonTokenType.EndArray, where, "a pair of strings, without more");
            head.Add(name, value, where);
        }
    }

    private static void Require(JsonTokenType found, JsonTokenType wanted, string where, string what)
    {
        if (found != wanted)
        {
            throw ResponseHead.Invalid($"{where} must be {what}, not {Describe(found)}");
        }
    }

    private static string Describe(JsonTokenType token) => token switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.EndArray => "the end of an array",
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number",
        JsonTokenType.Null => "null",
        _ => "a boolean",
    };
}
