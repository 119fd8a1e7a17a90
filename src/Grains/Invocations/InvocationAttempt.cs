namespace HeliosEdge.Grains.Invocations;

/// <summary>One attempt of an asynchronous invocation, held under a lease by whoever has it run.</summary>
public sealed record InvocationAttempt
{
    /// <summary>The invocation.</summary>
    public required Guid Id { get; init; }

    /// <summary>The function's name.</summary>
    public required string Function { get; init; }

    /// <summary>Where it runs.</summary>
    public required string Region { get; init; }

    /// <summary>What the guest gets.</summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>Who holds the lease.</summary>
    public required string Owner { get; init; }

    /// <summary>Which attempt it is, counted from 1.</summary>
    public required int Attempt { get; init; }

    /// <summary>Until when the lease lasts, unless it is renewed.</summary>
    public required DateTimeOffset LeaseUntil { get; init; }

    /// <summary>How often in a row it could not begin before.</summary>
    public int Postponed { get; init; }

    /// <summary>The trace that it belongs to, as W3C's <c>traceparent</c>; null for none.</summary>
    public string? TraceParent { get; init; }
}
