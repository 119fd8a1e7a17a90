using HeliosEdge.Grains.Abstractions.Functions;
using Orleans;

namespace HeliosEdge.Grains.Abstractions.Invocations;

/// <summary>A queued call as it is now.</summary>
[GenerateSerializer]
[Immutable]
[Alias("HeliosEdge.InvocationStatus")]
public sealed record InvocationStatus
{
    /// <summary>Its id.</summary>
    [Id(0)]
    public required Guid Id { get; init; }

    /// <summary>The function's name.</summary>
    [Id(1)]
    public required string Function { get; init; }

    /// <summary>Where it runs.</summary>
    [Id(2)]
    public required string Region { get; init; }

    /// <summary>Where it is.</summary>
    [Id(3)]
    public required InvocationState State { get; init; }

    /// <summary>The attempts that were begun, the one that runs included.</summary>
    [Id(4)]
    public required int Attempt { get; init; }

    /// <summary>How often it may be tried.</summary>
    [Id(5)]
    public required int MaxAttempts { get; init; }

    /// <summary>When it was accepted.</summary>
    [Id(6)]
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it is due; null unless it is queued.</summary>
    [Id(7)]
    public DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>When its last attempt began; null before the first.</summary>
    [Id(8)]
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended; null before.</summary>
    [Id(9)]
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>When it and its result are forgotten; null until it has ended.</summary>
    [Id(10)]
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The response; null unless it succeeded and is wanted.</summary>
    [Id(11)]
    public ReadOnlyMemory<byte>? Response { get; init; }

    /// <summary>Why the last attempt failed; null where none has.</summary>
    [Id(12)]
    public InvocationFault? Fault { get; init; }
}
