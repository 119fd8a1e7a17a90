namespace HeliosEdge.Grains.Embedded.Hosting;

/// <summary>The times by which the host lives.</summary>
public sealed class EmbeddedGrainOptions
{
    /// <summary>How long a caller waits for an answer, unless the method says otherwise. Default 30 s, as in Orleans.</summary>
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an activation stays without requests. Default 15 min, as in Orleans.</summary>
    public TimeSpan IdleAge { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>
    /// How often the host looks for calls and activations whose time is over; a call may time out later by this much.
    /// One clock for all calls is far cheaper than a timer for each. Default 1 s.
    /// </summary>
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromSeconds(1);
}
