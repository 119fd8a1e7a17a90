using System.Collections.Immutable;
using System.Text.Json;

namespace HeliosEdge.Sandbox.HostServices.Http;

/// <summary>A request as a guest asks for it; <see cref="IOutboundHttp.Send"/> says whether it is a good one.</summary>
public sealed record OutboundHttpRequest
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 4, AllowDuplicateProperties = false };

    /// <summary>The method; letters count as capitals.</summary>
    public string Method { get; init; } = "GET";

    /// <summary>The absolute URL, of <c>http</c> or <c>https</c>.</summary>
    public required string Url { get; init; }

    /// <summary>The headers. The same name may come more than once.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>The body; empty for none.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>
    /// Reads <c>{"method": "GET", "url": "https://…", "headers": {"accept": "text/plain"}}</c>. Only the URL is needed; method
    /// and headers may also be null.
    /// </summary>
    /// <param name="json">The object, as UTF-8.</param>
    /// <param name="body">The body that goes with it.</param>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.HttpRequestInvalid"/>: it is no such object.</exception>
    public static OutboundHttpRequest Parse(ReadOnlyMemory<byte> json, ReadOnlyMemory<byte> body = default)
    {
        try
        {
            using var document = JsonDocument.Parse(json, Strict);
            return Read(document.RootElement, body);
        }
        catch (JsonException e)
        {
            throw new SandboxException(ErrorCodes.HttpRequestInvalid, $"The HTTP request is no JSON: {e.Message}", e);
        }
        catch (InvalidOperationException e)
        {
            // JsonElement.GetString, of a string whose escapes are half of a surrogate pair.
            throw new SandboxException(ErrorCodes.HttpRequestInvalid, "The HTTP request has a string that is no Unicode.", e);
        }
    }

    private static OutboundHttpRequest Read(JsonElement root, ReadOnlyMemory<byte> body)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw Refuse("must be a JSON object");
        }

        string? url = null;
        var method = "GET";
        ImmutableArray<KeyValuePair<string, string>> headers = [];
        foreach (var member in root.EnumerateObject())
        {
            switch (member.Name)
            {
                case "url":
                    url = Text(member.Value, "url");
                    break;
                case "method":
                    method = member.Value.ValueKind == JsonValueKind.Null ? method : Text(member.Value, "method");
                    break;
                case "headers":
                    headers = member.Value.ValueKind == JsonValueKind.Null ? headers : ReadHeaders(member.Value);
                    break;
                default:
                    throw Refuse($"has a member \"{Quoted.Of(member.Name)}\", which is unknown; there are url, method and headers");
            }
        }

        return new OutboundHttpRequest
        {
            Method = method,
            Url = url ?? throw Refuse("needs a url"),
            Headers = headers,
            Body = body,
        };
    }

    private static ImmutableArray<KeyValuePair<string, string>> ReadHeaders(JsonElement value) =>
        value.ValueKind == JsonValueKind.Object
            ? [.. value.EnumerateObject().Select(header => KeyValuePair.Create(header.Name, Text(header.Value, "each of its headers")))]
            : throw Refuse("needs an object of strings for headers");

    private static string Text(JsonElement value, string what) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Refuse($"needs a string for {what}");

    private static SandboxException Refuse(string what) => new(ErrorCodes.HttpRequestInvalid, $"The HTTP request {what}.");
}
