namespace HeliosEdge.Client;

/// <summary>What a function answered, and what ran to answer it.</summary>
public sealed record EdgeResponse
{
    /// <summary>The bytes that the guest answered; may be empty.</summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>The region in which it ran; null where the silo does not say.</summary>
    public string? Region { get; init; }

    /// <summary>The version of the function that ran; null where the silo does not say.</summary>
    public int? Version { get; init; }

    /// <summary>The SHA-256 of the module that ran, in lower-case hexadecimal; null where the silo does not say.</summary>
    public string? ModuleHash { get; init; }

    /// <summary>The engine that ran it, such as <c>wasmtime</c>; null where the silo does not say.</summary>
    public string? Engine { get; init; }

    /// <summary>How long the guest took, from the making of its instance on, in whole microseconds; null where the silo does not say.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>The bytes that the guest answered, in an array of the caller's own.</summary>
    public byte[] ToArray() => Payload.ToArray();
}
