using HeliosEdge.Settings;
using Npgsql;

namespace HeliosEdge.Silo.Hosting.Clustering;

/// <summary>
/// Makes the tables in which the members of the cluster are listed, where they are not there yet, before the silo joins. The names of tables and columns, and the keys
/// and columns of the queries, are those that Orleans asks for (its PostgreSQL-Main.sql and PostgreSQL-Clustering.sql, MIT licence); the queries are our own: a
/// row and the table's version change together in one statement, and not at all unless the version is the expected one.
/// </summary>
internal sealed class MembershipTables(NpgsqlDataSource database)
{
    // Any number that nothing else in the database takes; silos that start at once make the tables one after the other.
    private const long Lock = 0x48656C696F734F72;

    private const string Tables = """
        CREATE TABLE IF NOT EXISTS OrleansQuery (
            QueryKey varchar(64) NOT NULL PRIMARY KEY,
            QueryText varchar(8000) NOT NULL
        );
        CREATE TABLE IF NOT EXISTS OrleansMembershipVersionTable (
            DeploymentId varchar(150) NOT NULL PRIMARY KEY,
            Timestamp timestamptz(3) NOT NULL DEFAULT now(),
            Version integer NOT NULL DEFAULT 0
        );
        CREATE TABLE IF NOT EXISTS OrleansMembershipTable (
            DeploymentId varchar(150) NOT NULL REFERENCES OrleansMembershipVersionTable (DeploymentId),
            Address varchar(45) NOT NULL,
            Port integer NOT NULL,
            Generation integer NOT NULL,
            SiloName varchar(150) NOT NULL,
            HostName varchar(150) NOT NULL,
            Status integer NOT NULL,
            ProxyPort integer NULL,
            SuspectTimes varchar(8000) NULL,
            StartTime timestamptz(3) NOT NULL,
            IAmAliveTime timestamptz(3) NOT NULL,
            PRIMARY KEY (DeploymentId, Address, Port, Generation)
        );
        """;

    private const string Columns =
        "m.Address, m.Port, m.Generation, m.SiloName, m.HostName, m.Status, m.ProxyPort, m.SuspectTimes, m.StartTime, m.IAmAliveTime, v.Version";

    private const string IsThisSilo = "m.Address = @Address AND m.Port = @Port AND m.Generation = @Generation";

    private static readonly (string Key, string Text)[] Queries =
    [
        ("UpdateIAmAlivetimeKey", $"""
            UPDATE OrleansMembershipTable AS m SET IAmAliveTime = @IAmAliveTime
            WHERE m.DeploymentId = @DeploymentId AND {IsThisSilo}
            """),
        ("InsertMembershipVersionKey", """
            WITH inserted AS (
                INSERT INTO OrleansMembershipVersionTable (DeploymentId) VALUES (@DeploymentId) ON CONFLICT DO NOTHING RETURNING 1)
            SELECT count(*)::int FROM inserted
            """),
        ("InsertMembershipKey", $"""
            WITH version AS (
                UPDATE OrleansMembershipVersionTable AS v SET Timestamp = now(), Version = v.Version + 1
                WHERE v.DeploymentId = @DeploymentId AND v.Version = @Version
                    AND NOT EXISTS (SELECT 1 FROM OrleansMembershipTable AS m WHERE m.DeploymentId = @DeploymentId AND {IsThisSilo})
                RETURNING 1),
            inserted AS (
                INSERT INTO OrleansMembershipTable
                    (DeploymentId, Address, Port, Generation, SiloName, HostName, Status, ProxyPort, StartTime, IAmAliveTime)
                SELECT @DeploymentId, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime FROM version
                RETURNING 1)
            SELECT count(*)::int FROM inserted
            """),
        ("UpdateMembershipKey", $"""
            WITH version AS (
                UPDATE OrleansMembershipVersionTable AS v SET Timestamp = now(), Version = v.Version + 1
                WHERE v.DeploymentId = @DeploymentId AND v.Version = @Version
                    AND EXISTS (SELECT 1 FROM OrleansMembershipTable AS m WHERE m.DeploymentId = @DeploymentId AND {IsThisSilo})
                RETURNING 1),
            updated AS (
                UPDATE OrleansMembershipTable AS m SET Status = @Status, SuspectTimes = @SuspectTimes, IAmAliveTime = @IAmAliveTime
                FROM version WHERE m.DeploymentId = @DeploymentId AND {IsThisSilo}
                RETURNING 1)
            SELECT count(*)::int FROM updated
            """),
        ("MembershipReadRowKey", $"""
            SELECT v.DeploymentId, {Columns} FROM OrleansMembershipVersionTable AS v
            LEFT JOIN OrleansMembershipTable AS m ON v.DeploymentId = m.DeploymentId AND {IsThisSilo}
            WHERE v.DeploymentId = @DeploymentId
            """),
        ("MembershipReadAllKey", $"""
            SELECT v.DeploymentId, {Columns} FROM OrleansMembershipVersionTable AS v
            LEFT JOIN OrleansMembershipTable AS m ON v.DeploymentId = m.DeploymentId
            WHERE v.DeploymentId = @DeploymentId
            """),
        ("DeleteMembershipTableEntriesKey", """
            DELETE FROM OrleansMembershipTable WHERE DeploymentId = @DeploymentId;
            DELETE FROM OrleansMembershipVersionTable WHERE DeploymentId = @DeploymentId;
            """),
        ("GatewaysQueryKey", """
            SELECT Address, ProxyPort, Generation FROM OrleansMembershipTable
            WHERE DeploymentId = @DeploymentId AND Status = @Status AND ProxyPort > 0
            """),
        ("CleanupDefunctSiloEntriesKey", """
            DELETE FROM OrleansMembershipTable
            WHERE DeploymentId = @DeploymentId AND IAmAliveTime < @IAmAliveTime AND Status <> 3
            """),
    ];

    /// <summary>Makes what is not there.</summary>
    /// <exception cref="SiloStartException">The database cannot be reached or written to.</exception>
    public async Task PrepareAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await ExecuteAsync(connection, $"SELECT pg_advisory_xact_lock({Lock})", cancellationToken);
            await ExecuteAsync(connection, Tables, cancellationToken);
            foreach (var (key, text) in Queries)
            {
                await using var command = new NpgsqlCommand(
                    "INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES (@key, @text) ON CONFLICT (QueryKey) DO UPDATE SET QueryText = excluded.QueryText",
                    connection);
                command.Parameters.AddWithValue("key", key);
                command.Parameters.AddWithValue("text", text);
                await command.ExecuteNonQueryAsync(cancellationToken);
            }

            await transaction.CommitAsync(cancellationToken);
        }
        catch (NpgsqlException e)
        {
            throw new SiloStartException($"The database of the cluster's members (--cluster) cannot be used: {e.Message}", e);
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
