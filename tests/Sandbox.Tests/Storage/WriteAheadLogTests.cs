using System.Text;
using HeliosEdge.Sandbox.HostServices.Sql;
using HeliosEdge.Sandbox.HostServices.Sqlite;
using Microsoft.Data.Sqlite;

namespace HeliosEdge.Sandbox.Tests.Storage;

/// <summary>What a large transaction leaves beside a database.</summary>
public sealed class WriteAheadLogTests : IDisposable
{
    private const int MiB = 1 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryFile _file = new();

    private string Region => Path.Combine(Path.GetDirectoryName(_file.Path)!, "eu.db");

    [Fact]
    public void A_refused_statement_leaves_no_log_of_what_it_wrote()
    {
        using var databases = new SqliteRegionDatabases(Path.GetDirectoryName(_file.Path)!, maxWrittenBytes: 64 * MiB);
        Run(databases, "CREATE TABLE t (a)").Outcome.ShouldBe(SqlOutcome.Success);

        var refused = Run(databases, "INSERT INTO t WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 200) SELECT zeroblob(1000000) FROM s");

        refused.Outcome.ShouldBe(SqlOutcome.Failed);
        refused.Message!.ShouldContain("wrote more than");
        LogOf(Region).ShouldBeLessThanOrEqualTo(WriteAheadLog.MaxBytes);
        Run(databases, "INSERT INTO t VALUES (1)").Outcome.ShouldBe(SqlOutcome.Success);
    }

    [Fact]
    public void A_large_statement_that_is_committed_leaves_none_either()
    {
        using var databases = new SqliteRegionDatabases(Path.GetDirectoryName(_file.Path)!);
        Run(databases, "CREATE TABLE t (a)").Outcome.ShouldBe(SqlOutcome.Success);

        Run(databases, "INSERT INTO t WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 40) SELECT zeroblob(1000000) FROM s").Outcome.ShouldBe(SqlOutcome.Success);

        LogOf(Region).ShouldBeLessThanOrEqualTo(WriteAheadLog.MaxBytes);
        new FileInfo(Region).Length.ShouldBeGreaterThan(40_000_000);
    }

    [Fact]
    public void A_reader_holds_up_neither_statements_nor_for_good_what_shortens_the_log()
    {
        using var databases = new SqliteRegionDatabases(Path.GetDirectoryName(_file.Path)!, maxWrittenBytes: 64 * MiB);
        Run(databases, "CREATE TABLE t (a)").Outcome.ShouldBe(SqlOutcome.Success);
        using (var connection = Open(Region))
        using (var reading = connection.BeginTransaction(deferred: true))
        {
            Execute(connection, "SELECT count(*) FROM t", reading);
            Run(databases, "INSERT INTO t WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 40) SELECT zeroblob(1000000) FROM s").Outcome.ShouldBe(SqlOutcome.Success);
            LogOf(Region).ShouldBeGreaterThan(WriteAheadLog.MaxBytes);
        }

        Run(databases, "INSERT INTO t VALUES (1)").Outcome.ShouldBe(SqlOutcome.Success);

        LogOf(Region).ShouldBeLessThanOrEqualTo(WriteAheadLog.MaxBytes);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_transaction_of_the_silo_leaves_none_whether_it_is_committed_or_rolled_back(bool isCommitted)
    {
        using var connection = Open(_file.Path);
        Execute(connection, "PRAGMA journal_mode = WAL");
        Execute(connection, "PRAGMA cache_size = -100");
        WriteAheadLog.Bound(connection);
        Execute(connection, "CREATE TABLE t (a)");
        using (var transaction = connection.BeginTransaction())
        {
            for (var i = 0; i < 40; i++)
            {
                Execute(connection, "INSERT INTO t VALUES (zeroblob(1000000))", transaction);
            }

            if (isCommitted)
            {
                transaction.Commit();
            }
        }

        LogOf(_file.Path).ShouldBeGreaterThan(WriteAheadLog.MaxBytes);
        WriteAheadLog.Trim(connection);

        LogOf(_file.Path).ShouldBe(0);
    }

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        _file.Dispose();
    }

    private static SqlAnswer Run(SqliteRegionDatabases databases, string sql) => databases.Execute("eu", sql, Encoding.UTF8.GetBytes("[]"), Patience);

    private static long LogOf(string database) => new FileInfo($"{database}-wal") is { Exists: true } log ? log.Length : 0;

    private static SqliteConnection Open(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    private static void Execute(SqliteConnection connection, string sql, SqliteTransaction? transaction = null)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        command.ExecuteScalar();
    }
}
