using HeliosEdge.Silo.Tests.Storage.Contract;

namespace HeliosEdge.Cluster.Tests;

/// <summary>A test that watches what goes between silos that share PostgreSQL; left out, with the reason, where it cannot.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class WireFactAttribute : FactAttribute
{
    public WireFactAttribute() => Skip = (PostgresServer.WhySkipped ?? Wire.WhySkipped)!;
}
