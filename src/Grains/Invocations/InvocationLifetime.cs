namespace HeliosEdge.Grains.Invocations;

/// <summary>How long asynchronous invocations and fan-outs are kept, from when they are accepted.</summary>
/// <param name="OfResults">The time.</param>
public sealed record InvocationLifetime(TimeSpan OfResults)
{
    /// <summary>A day.</summary>
    public static readonly InvocationLifetime Default = new(TimeSpan.FromHours(24));
}
