namespace HeliosEdge.Client;

/// <summary>How many changes a pipeline's function gets at once.</summary>
public sealed record PipelineBatch
{
    /// <summary>Changes, at most; null for the silo's default.</summary>
    public int? MaxRows { get; init; }

    /// <summary>Milliseconds that a change waits for others to come with it; null for the silo's default.</summary>
    public int? MaxWaitMs { get; init; }
}
