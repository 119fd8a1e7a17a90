namespace HeliosEdge.Client;

/// <summary>What a pipeline gets the changes of.</summary>
/// <param name="Tables">The tables; in PostgreSQL also as <c>schema.table</c>.</param>
public sealed record PipelineSource(IReadOnlyList<string> Tables)
{
    /// <summary>The database; null for <c>main</c>.</summary>
    public string? Database { get; init; }

    /// <summary><c>initial</c>: the rows that are there come first, as events with the op <c>r</c>; <c>never</c> or null: they do not.</summary>
    public string? Snapshot { get; init; }
}
