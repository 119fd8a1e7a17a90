using HeliosEdge.Data.Postgres.Triggers;

namespace HeliosEdge.Data.Postgres.Changes;

/// <summary>A table as the server has it now.</summary>
/// <param name="Oid">Its number.</param>
/// <param name="Schema">Its schema.</param>
/// <param name="Name">Its name there.</param>
/// <param name="Kind">What it is, by the server's letter.</param>
/// <param name="Persistence">How its rows are kept, by the server's letter.</param>
/// <param name="IsPartition">Whether it is of a partitioned table.</param>
/// <param name="IsOwned">Whether the login may do what its owner may.</param>
/// <param name="Identity">What tells its rows apart in the log, <c>full</c> or <c>key</c>; null for nothing.</param>
/// <param name="HasTriggers">Whether triggers of HeliosEdge judge its rows.</param>
/// <param name="HasKey">Whether it has a primary key.</param>
internal sealed record CapturedTable(
    uint Oid, string Schema, string Name, char Kind, char Persistence, bool IsPartition, bool IsOwned, string? Identity, bool HasTriggers, bool HasKey)
{
    /// <summary>Its name for statements.</summary>
    public string Sql => $"{PostgresTriggerSql.Quote(Schema)}.{PostgresTriggerSql.Quote(Name)}";

    /// <summary>The same for its own rows alone: tables that inherit from it are others. The rows of a partitioned one are all in partitions.</summary>
    public string OwnRowsSql => Kind == 'p' ? Sql : $"ONLY {Sql}";
}
