using System.Collections.Immutable;
using Orleans;

namespace HeliosEdge.Grains.Abstractions.Invocations;

/// <summary>A call of a function that the silo is to place in a region.</summary>
[GenerateSerializer]
[Immutable]
[Alias("HeliosEdge.InvocationRequest")]
public sealed record InvocationRequest
{
    /// <summary>The function's name.</summary>
    [Id(0)]
    public required string Function { get; init; }

    /// <summary>Where it is to run; null leaves the choice to the silo.</summary>
    [Id(1)]
    public string? Region { get; init; }

    /// <summary>The regions to try in this order where the one before cannot be reached.</summary>
    [Id(2)]
    public ImmutableArray<string> Failover { get; init; } = [];

    /// <summary>What the guest gets.</summary>
    [Id(3)]
    public ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>Milliseconds that the caller will wait, 1 to an hour; null for as long as the function may run.</summary>
    [Id(4)]
    public int? PatienceMs { get; init; }

    /// <summary>The caller's key, 1 to 255 printable ASCII characters; null for none.</summary>
    [Id(5)]
    public string? IdempotencyKey { get; init; }

    /// <summary>The trace that it belongs to, as W3C's <c>traceparent</c>; null for none.</summary>
    [Id(6)]
    public string? TraceParent { get; init; }

    /// <summary>What tracing systems added to <see cref="TraceParent"/>, as W3C's <c>tracestate</c>; null for nothing.</summary>
    [Id(7)]
    public string? TraceState { get; init; }
}
