using Xunit.Sdk;

namespace HeliosEdge.Testing;

/// <summary>A test that needs PostgreSQL; left out, with the reason, where it is not installed.</summary>
[TraitDiscoverer(PostgresTraitDiscoverer.Name, PostgresTraitDiscoverer.Assembly)]
[AttributeUsage(AttributeTargets.Method)]
public sealed class PostgresFactAttribute : Xunit.FactAttribute, ITraitAttribute
{
    public PostgresFactAttribute() => Skip = PostgresServer.WhySkipped!;
}
