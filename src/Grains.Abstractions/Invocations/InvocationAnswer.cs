using HeliosEdge.Grains.Abstractions.Functions;
using Orleans;

namespace HeliosEdge.Grains.Abstractions.Invocations;

/// <summary>How a call ended, and where.</summary>
[GenerateSerializer]
[Immutable]
[Alias("HeliosEdge.InvocationAnswer")]
public sealed record InvocationAnswer
{
    /// <summary>The region that ran it, or the last one that was tried; null where none was.</summary>
    [Id(0)]
    public string? Region { get; init; }

    /// <summary>The result.</summary>
    [Id(1)]
    public required InvocationResult Result { get; init; }

    /// <summary>Whether it is that of an earlier call with the same idempotency key.</summary>
    [Id(2)]
    public bool IsReplay { get; init; }
}
