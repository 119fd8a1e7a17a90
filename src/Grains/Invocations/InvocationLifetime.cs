namespace HeliosEdge.Grains.Invocations;

/// <summary>How long asynchronous invocations and fan-outs are kept, from when they have ended. What waits or runs is kept until it has.</summary>
/// <param name="OfResults">The time, for all but the dead.</param>
public sealed record InvocationLifetime(TimeSpan OfResults)
{
    /// <summary>The least time for which dead invocations are kept: somebody is to see them and queue them again.</summary>
    public static readonly TimeSpan LeastOfDead = TimeSpan.FromDays(14);

    /// <summary>The time for the dead, from when they died: two weeks, or as long as results where that is longer.</summary>
    public TimeSpan OfDead => OfResults > LeastOfDead ? OfResults : LeastOfDead;

    /// <summary>A day.</summary>
    public static readonly InvocationLifetime Default = new(TimeSpan.FromHours(24));
}
