namespace HeliosEdge.Data.Tests.Postgres.Changes;

/// <summary>One after the other: replication slots are of the whole server, and one test takes all of them.</summary>
[CollectionDefinition(Name)]
public sealed class ChangesCollection
{
    public const string Name = "Changes of PostgreSQL";
}
