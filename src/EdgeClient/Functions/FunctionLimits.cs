namespace HeliosEdge.EdgeClient;

/// <summary>What one invocation of a function may use. A limit that is null is left to the silo's default.</summary>
public sealed record FunctionLimits
{
    /// <summary>Linear memory, in MiB.</summary>
    public int? MemoryMiB { get; init; }

    /// <summary>Running time, in milliseconds; after it the invocation ends with <see cref="EdgeTimeoutException"/>.</summary>
    public int? TimeoutMs { get; init; }

    /// <summary>Size of the payload, in bytes; more is refused with <see cref="EdgePayloadTooLargeException"/>.</summary>
    public long? MaxPayloadBytes { get; init; }

    /// <summary>Size of the response, in bytes; more is refused with <see cref="EdgeResponseTooLargeException"/>.</summary>
    public long? MaxResponseBytes { get; init; }
}
