using Orleans;

namespace HeliosEdge.Grains.Abstractions.Invocations;

/// <summary>One attempt of an asynchronous invocation, held under a lease by whoever has it run.</summary>
[GenerateSerializer]
[Immutable]
[Alias("HeliosEdge.InvocationAttempt")]
public sealed record InvocationAttempt
{
    /// <summary>The invocation.</summary>
    [Id(0)]
    public required Guid Id { get; init; }

    /// <summary>The function's name.</summary>
    [Id(1)]
    public required string Function { get; init; }

    /// <summary>Where it runs.</summary>
    [Id(2)]
    public required string Region { get; init; }

    /// <summary>What the guest gets.</summary>
    [Id(3)]
    public required ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>Who holds the lease.</summary>
    [Id(4)]
    public required string Owner { get; init; }

    /// <summary>Which attempt it is, counted from 1.</summary>
    [Id(5)]
    public required int Attempt { get; init; }

    /// <summary>Until when the lease lasts, unless it is renewed.</summary>
    [Id(6)]
    public required DateTimeOffset LeaseUntil { get; init; }

    /// <summary>How often in a row it could not begin before.</summary>
    [Id(7)]
    public int Postponed { get; init; }

    /// <summary>The trace that it belongs to, as W3C's <c>traceparent</c>; null for none.</summary>
    [Id(8)]
    public string? TraceParent { get; init; }
}
