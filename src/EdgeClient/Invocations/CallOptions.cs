namespace HeliosEdge.Client;

/// <summary>How a call is made.</summary>
public sealed record CallOptions
{
    /// <summary>
    /// A name for this call, 1 to 255 printable ASCII characters. With it, the function runs once however often the call is sent, and the call is sent again where it got no
    /// answer. The silo knows it for 24 hours.
    /// </summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>How long the caller waits for the answer, repeats included; the silo stops the guest then. Null for as long as the function may run.</summary>
    public TimeSpan? Deadline { get; init; }

    /// <summary>Regions that the silo tries in this order where the one before cannot be reached. For calls that are waited for.</summary>
    public IReadOnlyList<string> Failover { get; init; } = [];

    /// <summary>
    /// How often the call is sent at most: again where it cannot have begun (<c>overloaded</c>, <c>region_unavailable</c>), and, with an idempotency key, also where it
    /// may have.
    /// </summary>
    public int MaxAttempts { get; init; } = 4;
}
