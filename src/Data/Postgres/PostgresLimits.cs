using HeliosEdge.Sandbox.HostServices.Sql;

namespace HeliosEdge.Data.Postgres;

/// <summary>What statements of functions may take of the silo and of a database.</summary>
/// <param name="MaxRows">Rows of the largest result.</param>
/// <param name="MaxBytes">Bytes of the largest result as JSON.</param>
/// <param name="Connections">Connections to one database, and so statements and transactions at the same time.</param>
internal sealed record PostgresLimits(
    int MaxRows = SqliteRegionDatabases.DefaultMaxRows, int MaxBytes = SqliteRegionDatabases.DefaultMaxBytes, int Connections = 20);
