using System.Text.Json.Serialization;

namespace HeliosEdge.Silo.Invocations;

/// <summary>What is stored under an idempotency key: the claim of a call that runs, or what a call was answered.</summary>
/// <param name="PayloadHash">SHA-256 of the payload that came with the key.</param>
/// <param name="Claim">Which call runs; null once it has been answered.</param>
/// <param name="Status">The answer's HTTP status.</param>
/// <param name="ContentType">The answer's media type.</param>
/// <param name="Headers">The answer's headers that tell of the invocation.</param>
/// <param name="Body">The answer's body.</param>
/// <param name="Region">The region that the caller stated; null where none was.</param>
internal sealed record StoredCall(
    [property: JsonPropertyName("payloadHash")] string PayloadHash,
    [property: JsonPropertyName("claim")] Guid? Claim,
    [property: JsonPropertyName("status")] int Status,
    [property: JsonPropertyName("contentType")] string? ContentType,
    [property: JsonPropertyName("headers")] IReadOnlyDictionary<string, string> Headers,
    [property: JsonPropertyName("body")] byte[] Body,
    [property: JsonPropertyName("region")] string? Region = null);
