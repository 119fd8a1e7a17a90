using Xunit.Sdk;

namespace HeliosEdge.Testing;

/// <summary>Tests that need PostgreSQL; left out, with the reason, where it is not installed.</summary>
[TraitDiscoverer(PostgresTraitDiscoverer.Name, PostgresTraitDiscoverer.Assembly)]
[AttributeUsage(AttributeTargets.Method)]
public sealed class PostgresTheoryAttribute : Xunit.TheoryAttribute, ITraitAttribute
{
    public PostgresTheoryAttribute() => Skip = PostgresServer.WhySkipped!;
}
