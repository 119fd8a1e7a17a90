namespace HeliosEdge.Grains.Invocations;

/// <summary>How a silo works on asynchronous invocations.</summary>
public sealed record InvocationWorkerOptions
{
    /// <summary>Attempts that run at once. Regions with work share them; one that is alone with its work may have all.</summary>
    public int Concurrency { get; init; } = 8;

    /// <summary>Attempts beyond <see cref="Concurrency"/>, for regions of which none runs, while those that run do not end.</summary>
    public int Reserve => Math.Max(1, Concurrency / 4);

    /// <summary>How often the queue is looked at without being told of work: for what other processes queued, retries, and abandoned leases.</summary>
    public TimeSpan PollEvery { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How often what has expired is forgotten.</summary>
    public TimeSpan PurgeEvery { get; init; } = TimeSpan.FromMinutes(10);
}
