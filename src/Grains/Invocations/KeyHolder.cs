namespace HeliosEdge.Grains.Invocations;

/// <summary>
/// What holds a caller's idempotency key for a function. Calls of all kinds share the keys; a queued invocation and the result of a call that was
/// answered at once may hold one together, where the former was made from the latter.
/// </summary>
public sealed record KeyHolder
{
    /// <summary>What <see cref="IResultStore"/> has for a call that was answered at once; null for none.</summary>
    public byte[]? Result { get; init; }

    /// <summary>The queued invocation; null for none.</summary>
    public Guid? Invocation { get; init; }

    /// <summary>The durable fan-out; null for none.</summary>
    public Guid? FanOut { get; init; }
}
