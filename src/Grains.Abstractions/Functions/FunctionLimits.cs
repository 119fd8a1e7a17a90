using Orleans;

namespace HeliosEdge.Grains.Abstractions.Functions;

/// <summary>What each invocation of a function may use.</summary>
[GenerateSerializer]
[Immutable]
[Alias("HeliosEdge.FunctionLimits")]
public sealed record FunctionLimits
{
    /// <summary>Linear memory in MiB.</summary>
    [Id(0)]
    public required int MemoryMiB { get; init; }

    /// <summary>Running time in milliseconds.</summary>
    [Id(1)]
    public required int TimeoutMs { get; init; }

    /// <summary>Size of the payload in bytes.</summary>
    [Id(2)]
    public required int MaxPayloadBytes { get; init; }

    /// <summary>Size of the response in bytes.</summary>
    [Id(3)]
    public required int MaxResponseBytes { get; init; }
}
