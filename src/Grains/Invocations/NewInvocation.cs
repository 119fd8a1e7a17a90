namespace HeliosEdge.Grains.Invocations;

/// <summary>An invocation that is to be queued.</summary>
public sealed record NewInvocation
{
    /// <summary>The function's name.</summary>
    public required string Function { get; init; }

    /// <summary>Where it runs.</summary>
    public required string Region { get; init; }

    /// <summary>What the guest gets.</summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>How often it may be tried, 1 or more.</summary>
    public int MaxAttempts { get; init; } = 5;

    /// <summary>When it is due first; null for at once.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>Function and this key are one call, however often and in whatever way it is made; null for none.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>Who queues it; null where nobody is told from anybody else.</summary>
    public string? Owner { get; init; }

    /// <summary>The trace that it belongs to, as W3C's <c>traceparent</c>; null for none.</summary>
    public string? TraceParent { get; init; }
}
