using System.Collections.Immutable;
using HeliosEdge.Grains.Abstractions.FanOuts;
using HeliosEdge.Grains.Abstractions.Invocations;
using HeliosEdge.Grains.Invocations;
using HeliosEdge.Sandbox;

namespace HeliosEdge.Grains.FanOuts;

/// <summary>A durable fan-out as it is on disk: one asynchronous invocation for each region.</summary>
public sealed record StoredFanOut
{
    /// <summary>A UUID of version 7.</summary>
    public required Guid Id { get; init; }

    /// <summary>The function's name.</summary>
    public required string Function { get; init; }

    /// <summary>When it is decided.</summary>
    public required FanOutMode Mode { get; init; }

    /// <summary>How many regions must succeed, if all of them have the function.</summary>
    public required int Needed { get; init; }

    /// <summary>The invocations, one for each region.</summary>
    public required ImmutableArray<Guid> Invocations { get; init; }

    /// <summary>Those of <see cref="Invocations"/> that are for peers which were asked without being known to have the function.</summary>
    public ImmutableArray<Guid> Unsure { get; init; } = [];

    /// <summary>The key that it was made with, or null.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>Who made it, or null.</summary>
    public string? Owner { get; init; }

    /// <summary>Whether it is decided, and what is no longer wanted was cancelled.</summary>
    public bool IsDecided { get; init; }

    /// <summary>When it was accepted.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it is forgotten; null until it is decided.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Whether one of its invocations found that its region does not have the function and was not asked for by name: it counts for nothing.</summary>
    public bool LeavesOut(StoredInvocation invocation) =>
        invocation is { State: InvocationState.Failed, Fault.Code: ErrorCodes.FunctionNotFound } && Unsure.Contains(invocation.Id);

    /// <summary>How many regions must succeed, once <paramref name="leftOut"/> of them have turned out not to have the function.</summary>
    public int NeededWithout(int leftOut) => Mode == FanOutMode.All ? Needed - leftOut : Needed;
}
