using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using HeliosEdge.Sandbox.Abi.Http;

namespace HeliosEdge.Sandbox.Abi.Envelopes;

/// <summary>An HTTP request as the JSON that guests of <c>helios-1</c> and <c>extism</c> get as their payload.</summary>
internal static class RequestEnvelope
{
    private const int Frame = 512;

    private static readonly JsonWriterOptions Legible = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the envelope: a body that is valid UTF-8 as it is, any other in Base64.</summary>
    public static ReadOnlyMemory<byte> Write(GuestRequest request, ReadOnlySpan<byte> body)
    {
        var isText = Utf8.IsValid(body);
        var buffer = new ArrayBufferWriter<byte>(Frame + body.Length);
        using var json = new Utf8JsonWriter(buffer, Legible);
        json.WriteStartObject();
        json.WriteString("method"u8, request.Method);
        json.WriteString("path"u8, request.Path);
        json.WriteString("query"u8, request.Query);
        json.WriteStartArray("headers"u8);
        foreach (var (name, value) in request.Headers)
        {
            json.WriteStartArray();
            json.WriteStringValue(name);
            json.WriteStringValue(value);
            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteString("bodyEncoding"u8, isText ? "utf8"u8 : "base64"u8);
        if (isText)
        {
            json.WriteString("body"u8, body);
        }
        else
        {
            json.WriteBase64String("body"u8, body);
        }

        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }
}
