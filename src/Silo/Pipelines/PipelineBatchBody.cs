namespace HeliosEdge.Silo.Pipelines;

/// <summary>How many changes come at once.</summary>
/// <param name="MaxRows">Changes, at most; 500 if not stated.</param>
/// <param name="MaxWaitMs">Milliseconds that a change waits for others to come with it; 50 if not stated.</param>
internal sealed record PipelineBatchBody(int? MaxRows, int? MaxWaitMs);
