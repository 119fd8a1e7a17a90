using System.Collections.Immutable;

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

    /// <summary>How many regions must succeed.</summary>
    public required int Needed { get; init; }

    /// <summary>The invocations, one for each region.</summary>
    public required ImmutableArray<Guid> Invocations { get; init; }

    /// <summary>The key that it was made with, or null.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>Whether it is decided, and what is no longer wanted was cancelled.</summary>
    public bool IsDecided { get; init; }

    /// <summary>When it was accepted.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it is forgotten; null until it is decided.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }
}
