using Orleans;

namespace HeliosEdge.Grains.Abstractions.Pipelines;

/// <summary>A change that a pipeline's function, or its sink, did not take.</summary>
[GenerateSerializer]
[Immutable]
[Alias("HeliosEdge.DeadChangeDescription")]
public sealed record DeadChangeDescription
{
    /// <summary>Its number.</summary>
    [Id(0)]
    public required long Id { get; init; }

    /// <summary>The event, an object of JSON.</summary>
    [Id(1)]
    public required ReadOnlyMemory<byte> Event { get; init; }

    /// <summary>The error code.</summary>
    [Id(2)]
    public required string Code { get; init; }

    /// <summary>Why it was not taken.</summary>
    [Id(3)]
    public required string Message { get; init; }

    /// <summary>When that was.</summary>
    [Id(4)]
    public required DateTimeOffset At { get; init; }
}
