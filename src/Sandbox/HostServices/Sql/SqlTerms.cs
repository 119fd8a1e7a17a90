namespace HeliosEdge.Sandbox.HostServices.Sql;

/// <summary>What a transaction is begun for.</summary>
/// <param name="Access">Whether it may change anything.</param>
/// <param name="Isolation">What it sees of others.</param>
public readonly record struct SqlTerms(SqlAccess Access, SqlIsolation Isolation = SqlIsolation.Default);
