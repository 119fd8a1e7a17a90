namespace HeliosEdge.Silo.Tests.Storage.Contract;

/// <summary>A test that needs PostgreSQL; left out, with the reason, where it is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PostgresFactAttribute : Xunit.FactAttribute
{
    public PostgresFactAttribute() => Skip = PostgresServer.WhySkipped!;
}
