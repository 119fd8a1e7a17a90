namespace HeliosEdge.Client;

/// <summary>What makes a procedure a function of SQL as well.</summary>
public sealed record SqlFunction
{
    /// <summary><c>scalar</c> or <c>aggregate</c>; null for <c>scalar</c>.</summary>
    public string? Kind { get; init; }

    /// <summary>How many arguments it takes; null or -1 for any number.</summary>
    public int? Arguments { get; init; }

    /// <summary>Whether the same arguments always give the same result; null for false.</summary>
    public bool? Deterministic { get; init; }
}
