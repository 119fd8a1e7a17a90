namespace HeliosEdge.Wasm;

/// <summary>A module or host asked for more than <see cref="StoreLimits"/> allow before any guest code ran.</summary>
public sealed class ResourceLimitException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="limit">The name of the limit: a property of <see cref="StoreLimits"/>.</param>
    /// <param name="requested">What was asked for.</param>
    /// <param name="maximum">What is allowed.</param>
    public ResourceLimitException(string limit, long requested, long maximum)
        : base($"{requested} exceeds {limit}, which is {maximum}")
    {
        Limit = limit;
        Requested = requested;
        Maximum = maximum;
    }

    /// <summary>The name of the limit: a property of <see cref="StoreLimits"/>.</summary>
    public string Limit { get; }

    /// <summary>What was asked for, in the limit's unit.</summary>
    public long Requested { get; }

    /// <summary>What is allowed, in the limit's unit.</summary>
    public long Maximum { get; }
}
