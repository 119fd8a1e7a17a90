namespace HeliosEdge.Silo.Tests.Storage.Contract;

/// <summary>Tests that need PostgreSQL; left out, with the reason, where it is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PostgresTheoryAttribute : Xunit.TheoryAttribute
{
    public PostgresTheoryAttribute() => Skip = PostgresServer.WhySkipped!;
}
