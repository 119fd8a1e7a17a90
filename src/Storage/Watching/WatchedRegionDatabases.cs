using HeliosEdge.Sandbox.HostServices.Sql;


namespace HeliosEdge.Storage.Watching;

/// <summary>The SQL databases of the regions, each of them watched.</summary>
internal sealed class WatchedRegionDatabases(SqliteRegionDatabases inner, StorageHealth health) : ISqlDatabase, IDisposable
{
    public SqlAnswer Query(string region, string sql, ReadOnlyMemory<byte> parameters, TimeSpan patience) =>
        Check(region, inner.Query(region, sql, parameters, patience));

    public SqlAnswer Execute(string region, string sql, ReadOnlyMemory<byte> parameters, TimeSpan patience) =>
        Check(region, inner.Execute(region, sql, parameters, patience));

    public void Dispose() => inner.Dispose();

    private SqlAnswer Check(string region, SqlAnswer answer)
    {
        if (answer.Outcome is SqlOutcome.DiskFull or SqlOutcome.Unavailable)
        {
            health.WatchFile($"The SQL database of {region}", inner.PathOf(region))
                .Fail(answer.Outcome == SqlOutcome.DiskFull ? StorageFault.DiskFull : StorageFault.Unusable, answer.Message ?? "");
        }

        return answer;
    }
}
