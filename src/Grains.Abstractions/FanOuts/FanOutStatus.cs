using System.Collections.Immutable;
using HeliosEdge.Grains.Abstractions.Invocations;
using Orleans;

namespace HeliosEdge.Grains.Abstractions.FanOuts;

/// <summary>A durable fan-out as it is now.</summary>
[GenerateSerializer]
[Immutable]
[Alias("HeliosEdge.FanOutStatus")]
public sealed record FanOutStatus
{
    /// <summary>Its id.</summary>
    [Id(0)]
    public required Guid Id { get; init; }

    /// <summary>The function's name.</summary>
    [Id(1)]
    public required string Function { get; init; }

    /// <summary>When it is decided.</summary>
    [Id(2)]
    public required FanOutMode Mode { get; init; }

    /// <summary>Where it is.</summary>
    [Id(3)]
    public required FanOutState State { get; init; }

    /// <summary>How many regions must succeed, without those that were asked for by <c>*</c> and turned out not to have the function.</summary>
    [Id(4)]
    public required int Needed { get; init; }

    /// <summary>When it was accepted.</summary>
    [Id(5)]
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it is forgotten; null until it is decided.</summary>
    [Id(6)]
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The invocation of each region, but for those that were asked for by <c>*</c> and turned out not to have the function.</summary>
    [Id(7)]
    public required ImmutableArray<InvocationStatus> Regions { get; init; }
}
