using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using HeliosEdge.Grains.Abstractions.Functions;

namespace HeliosEdge.Grains.Invocations;

/// <summary>What earlier releases stored under an idempotency key once a call was answered: the HTTP response.</summary>
/// <param name="PayloadHash">SHA-256 of the payload that came with the key.</param>
/// <param name="Status">The status.</param>
/// <param name="Headers">The headers that tell of the invocation.</param>
/// <param name="Body">The body.</param>
/// <param name="Region">The region that the caller stated; null where none was.</param>
internal sealed record StoredHttpAnswer(string PayloadHash, int Status, IReadOnlyDictionary<string, string>? Headers, byte[]? Body, string? Region = null)
{
    /// <exception cref="JsonException">It is no such response.</exception>
    public StoredCall ToCall()
    {
        if (Headers is null || Body is null)
        {
            throw new JsonException("What is stored under an idempotency key is neither a claim nor an answer.");
        }

        var problem = Status == 200 ? null : JsonSerializer.Deserialize(Body, StoredCallJson.Default.Problem)!;
        return new StoredCall(PayloadHash, Region, null, new StoredCall.Answer(
            Headers.GetValueOrDefault("X-Helios-Region") ?? "",
            (int)Number("X-Helios-Version"),
            Headers.GetValueOrDefault("X-Helios-Module-Hash") ?? "",
            Number("X-Helios-Duration-Us"),
            problem is null ? Body : null,
            problem?.ToFault()));
    }

    private long Number(string header) => Headers!.TryGetValue(header, out var text) ? long.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture) : 0;

    /// <summary>Problem details.</summary>
    internal sealed record Problem(string Code, string Detail, long? Limit = null, long? Value = null, ImmutableArray<string>? Backtrace = null)
    {
        public InvocationFault ToFault() => new() { Code = Code, Message = Detail, Limit = Limit, Value = Value, Backtrace = Backtrace ?? [] };
    }
}
