namespace HeliosEdge.Sandbox.HostServices.Sql.Changes;

/// <summary>What gets a pipeline's answers; one of these.</summary>
/// <param name="Table">A table of the same database, which takes each change exactly once.</param>
/// <param name="Function">A function of the same region, whose payload the answer is.</param>
/// <param name="Webhook">An address that the answer is sent to.</param>
public sealed record PipelineSink(string? Table, string? Function, string? Webhook);
