namespace HeliosEdge.Silo.Pipelines;

/// <summary>What a pipeline gets the changes of.</summary>
/// <param name="Database">The database; main if not stated.</param>
/// <param name="Tables">The tables; in PostgreSQL also as schema.table.</param>
/// <param name="Snapshot">initial: the rows that are there come first, as events with the op r; never: they do not. never if not stated.</param>
internal sealed record PipelineSourceBody(string? Database, IReadOnlyList<string> Tables, string? Snapshot);
