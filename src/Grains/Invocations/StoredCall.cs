using System.Text.Json;
using HeliosEdge.Grains.Abstractions.Functions;

namespace HeliosEdge.Grains.Invocations;

/// <summary>What is stored under an idempotency key: the claim of a call that runs, or what a call was answered.</summary>
/// <param name="PayloadHash">SHA-256 of the payload that came with the key.</param>
/// <param name="Region">The region that the caller stated; null where none was.</param>
/// <param name="Claim">Which call runs; null once it has been answered.</param>
/// <param name="Outcome">The answer; null until there is one.</param>
internal sealed record StoredCall(string PayloadHash, string? Region, Guid? Claim, StoredCall.Answer? Outcome)
{
    /// <summary>What a call was answered.</summary>
    /// <param name="Region">Where it ran.</param>
    /// <param name="Version">The version that ran.</param>
    /// <param name="Module">The hash of the module that ran.</param>
    /// <param name="DurationUs">How long the guest took, in microseconds.</param>
    /// <param name="Response">The response; null where the guest failed.</param>
    /// <param name="Fault">How the guest failed; null where there is a response.</param>
    /// <param name="Engine">The engine that ran it; null where an earlier release stored it, or none did.</param>
    internal sealed record Answer(string Region, int Version, string Module, long DurationUs, byte[]? Response, InvocationFault? Fault, string? Engine = null)
    {
        public static Answer Of(string region, InvocationResult result) => new(
            region, result.Version, result.Module, result.DurationMicroseconds, result.Fault is null ? result.Response.ToArray() : null, result.Fault,
            result.Engine is { Length: > 0 } engine ? engine : null);

        public InvocationResult ToResult() => new()
        {
            Response = Response,
            Fault = Fault,
            Module = Module,
            Version = Version,
            DurationMicroseconds = DurationUs,
            Engine = Engine ?? "",
        };
    }

    /// <exception cref="JsonException">It is something else.</exception>
    public static StoredCall Read(byte[] bytes)
    {
        var call = JsonSerializer.Deserialize(bytes, StoredCallJson.Default.StoredCall)!;
        return call.Claim is null && call.Outcome is null
            ? JsonSerializer.Deserialize(bytes, StoredCallJson.Default.StoredHttpAnswer)!.ToCall()
            : call;
    }

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, StoredCallJson.Default.StoredCall);
}
