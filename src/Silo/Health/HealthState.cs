namespace HeliosEdge.Silo.Health;

/// <summary>How the silo is.</summary>
/// <param name="Status"><c>ok</c>.</param>
internal sealed record HealthState(string Status);
