namespace HeliosEdge.Client;

/// <summary>How far a pipeline is behind.</summary>
/// <param name="Bytes">Bytes of the database's log between it and the newest change.</param>
/// <param name="Seconds">Seconds by which it is late.</param>
public sealed record PipelineLag(long Bytes, double Seconds)
{
    /// <summary>Changes that it has not delivered; null where the database cannot tell.</summary>
    public long? Rows { get; init; }
}
