using Xunit.Sdk;

namespace HeliosEdge.Cluster.Tests;

/// <summary>A test that watches what goes between silos that share PostgreSQL; left out, with the reason, where it cannot.</summary>
[TraitDiscoverer(PostgresTraitDiscoverer.Name, PostgresTraitDiscoverer.Assembly)]
[AttributeUsage(AttributeTargets.Method)]
internal sealed class WireFactAttribute : FactAttribute, ITraitAttribute
{
    public WireFactAttribute() => Skip = (PostgresServer.WhySkipped ?? Wire.WhySkipped)!;
}
