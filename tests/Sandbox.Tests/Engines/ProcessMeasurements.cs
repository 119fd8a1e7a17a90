namespace HeliosEdge.Sandbox.Tests.Engines;

/// <summary>Tests that count what the whole process has: no other test runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ProcessMeasurements
{
    public const string Name = "measurements of the process";
}
