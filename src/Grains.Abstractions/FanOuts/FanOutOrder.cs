using System.Collections.Immutable;
using Orleans;

namespace HeliosEdge.Grains.Abstractions.FanOuts;

/// <summary>A call of a function in many regions.</summary>
[GenerateSerializer]
[Immutable]
[Alias("HeliosEdge.FanOutOrder")]
public sealed record FanOutOrder
{
    /// <summary>The function's name.</summary>
    [Id(0)]
    public required string Function { get; init; }

    /// <summary>The regions, or <c>*</c> alone for all that serve the function.</summary>
    [Id(1)]
    public ImmutableArray<string> Regions { get; init; } = ["*"];

    /// <summary>When it is done.</summary>
    [Id(2)]
    public FanOutMode Mode { get; init; }

    /// <summary>How many regions must succeed; for <see cref="FanOutMode.Quorum"/> and for no other mode.</summary>
    [Id(3)]
    public int? Quorum { get; init; }

    /// <summary>What each guest gets.</summary>
    [Id(4)]
    public ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>Milliseconds that the regions are waited for, counted from when the order comes, 1 to an hour; null for the silo's default.</summary>
    [Id(5)]
    public int? PatienceMs { get; init; }

    /// <summary>The caller's key of a fan-out that is queued, 1 to 255 printable ASCII characters; null for none.</summary>
    [Id(6)]
    public string? IdempotencyKey { get; init; }

    /// <summary>The trace that it belongs to, as W3C's <c>traceparent</c>; null for none.</summary>
    [Id(7)]
    public string? TraceParent { get; init; }
}
