using System.Text;
using HeliosEdge.Sandbox.Execution;
using Microsoft.Data.Sqlite;

namespace HeliosEdge.Sandbox.Storage;

/// <summary>
/// Keys in a SQLite database of their own, in WAL mode with <c>synchronous=NORMAL</c>: what was written survives the process,
/// and all but the last moments survive the machine.
/// </summary>
public sealed class SqliteKeyValueStore : IKeyValueStore, IDisposable
{
    /// <summary>Bytes of all keys and values of a function in a region where nothing else is configured.</summary>
    public const long DefaultMaxBytes = 64 << 20;

    private readonly string _connectionString;
    private readonly long _maxBytes;
    private readonly Lock _writer = new();

    /// <summary>Opens the database, making it if it does not exist.</summary>
    /// <param name="path">Its file.</param>
    /// <param name="maxBytes">Bytes of all keys and values of a function in a region.</param>
    /// <exception cref="SqliteException">It is none, or can not be opened.</exception>
    public SqliteKeyValueStore(string path, long maxBytes = DefaultMaxBytes)
    {
        _maxBytes = maxBytes;
        _connectionString = new SqliteConnectionStringBuilder { DataSource = path }.ToString();
        using var connection = Open();
        using var command = connection.CreateCommand();

        // Keys are blobs: SQLite compares text up to its first zero byte only.
        command.CommandText =
            """
            PRAGMA journal_mode = WAL;
            CREATE TABLE IF NOT EXISTS entries (
                region TEXT NOT NULL, function TEXT NOT NULL, key BLOB NOT NULL, value BLOB NOT NULL,
                PRIMARY KEY (region, function, key)
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE IF NOT EXISTS usage (
                region TEXT NOT NULL, function TEXT NOT NULL, bytes INTEGER NOT NULL,
                PRIMARY KEY (region, function)
            ) STRICT, WITHOUT ROWID;
            """;
        command.ExecuteNonQuery();
    }

    /// <inheritdoc/>
    public byte[]? Get(string region, string function, string key)
    {
        using var connection = Open();
        using var command = Command(
            connection, null, "SELECT value FROM entries WHERE region = $region AND function = $function AND key = $key", region, function, key);
        return (byte[]?)command.ExecuteScalar();
    }

    /// <inheritdoc/>
    public bool TrySet(string region, string function, string key, byte[] value, TimeSpan patience) => Write(patience, (connection, transaction) =>
    {
        var delta = Encoding.UTF8.GetByteCount(key) + value.Length - SizeOf(connection, transaction, region, function, key);
        if (delta > 0 && Usage(connection, transaction, region, function) + delta > _maxBytes)
        {
            return false;
        }

        using var put = Command(
            connection,
            transaction,
            """
            INSERT INTO entries (region, function, key, value) VALUES ($region, $function, $key, $value)
            ON CONFLICT DO UPDATE SET value = excluded.value
            """,
            region,
            function,
            key);
        put.Parameters.AddWithValue("$value", value);
        put.ExecuteNonQuery();
        Account(connection, transaction, region, function, delta);
        return true;
    });

    /// <inheritdoc/>
    public bool Delete(string region, string function, string key, TimeSpan patience) => Write(patience, (connection, transaction) =>
    {
        var size = SizeOf(connection, transaction, region, function, key);
        using var delete = Command(
            connection, transaction, "DELETE FROM entries WHERE region = $region AND function = $function AND key = $key", region, function, key);
        if (delete.ExecuteNonQuery() == 0)
        {
            return false;
        }

        Account(connection, transaction, region, function, -size);
        return true;
    });

    /// <inheritdoc/>
    public IReadOnlyList<string> List(string region, string function, string prefix, int limit)
    {
        using var connection = Open();
        using var command = Command(
            connection,
            null,
            "SELECT key FROM entries WHERE region = $region AND function = $function AND key >= $key AND key < $end ORDER BY key LIMIT $limit",
            region,
            function,
            prefix);

        // UTF-8 has no byte 0xFF, so that nothing that starts with the prefix sorts after this.
        command.Parameters.AddWithValue("$end", (byte[])[.. Encoding.UTF8.GetBytes(prefix), 0xFF]);
        command.Parameters.AddWithValue("$limit", limit);
        using var reader = command.ExecuteReader();
        var keys = new List<string>();
        while (reader.Read())
        {
            keys.Add(Encoding.UTF8.GetString(reader.GetFieldValue<byte[]>(0)));
        }

        return keys;
    }

    /// <summary>Closes the database.</summary>
    public void Dispose()
    {
        using var connection = new SqliteConnection(_connectionString);
        SqliteConnection.ClearPool(connection);
    }

    private static SqliteCommand Command(
        SqliteConnection connection, SqliteTransaction? transaction, string sql, string region, string function, string? key = null)
    {
        var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        command.Parameters.AddWithValue("$region", region);
        command.Parameters.AddWithValue("$function", function);
        if (key is not null)
        {
            command.Parameters.AddWithValue("$key", Encoding.UTF8.GetBytes(key));
        }

        return command;
    }

    private static long SizeOf(SqliteConnection connection, SqliteTransaction transaction, string region, string function, string key)
    {
        using var command = Command(
            connection,
            transaction,
            "SELECT length(key) + length(value) FROM entries WHERE region = $region AND function = $function AND key = $key",
            region,
            function,
            key);
        return (long?)command.ExecuteScalar() ?? 0;
    }

    private static long Usage(SqliteConnection connection, SqliteTransaction transaction, string region, string function)
    {
        using var command = Command(
            connection, transaction, "SELECT bytes FROM usage WHERE region = $region AND function = $function", region, function);
        return (long?)command.ExecuteScalar() ?? 0;
    }

    private static void Account(SqliteConnection connection, SqliteTransaction transaction, string region, string function, long delta)
    {
        using var command = Command(
            connection,
            transaction,
            """
            INSERT INTO usage (region, function, bytes) VALUES ($region, $function, $delta)
            ON CONFLICT DO UPDATE SET bytes = bytes + excluded.bytes
            """,
            region,
            function);
        command.Parameters.AddWithValue("$delta", delta);
        command.ExecuteNonQuery();
    }

    private bool Write(TimeSpan patience, Func<SqliteConnection, SqliteTransaction, bool> write)
    {
        // SQLite has one writer at a time; waiting for it here ends with the caller's deadline.
        if (patience <= TimeSpan.Zero || !TryEnterWriter(patience))
        {
            throw new TimeoutException("Other writers were busy until the deadline.");
        }

        try
        {
            using var connection = Open();
            using var transaction = connection.BeginTransaction(deferred: false);
            var done = write(connection, transaction);
            if (done)
            {
                transaction.Commit();
            }

            return done;
        }
        finally
        {
            _writer.Exit();
        }
    }

    private bool TryEnterWriter(TimeSpan patience)
    {
        if (_writer.TryEnter())
        {
            return true;
        }

        using var waiting = GuestThreads.Wait();
        return _writer.TryEnter(patience);
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(_connectionString);
        try
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA synchronous = NORMAL";
            command.ExecuteNonQuery();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
