namespace HeliosEdge.Sandbox.HostServices.Sql.Changes;

/// <summary>A stream is of no more use: its pipeline was changed, paused, removed, or taken over by another silo.</summary>
public sealed class PipelineEndedException(string message) : Exception(message);
