using System.Text;
using HeliosEdge.Sandbox.Execution;
using HeliosEdge.Sandbox.HostServices.Sql;
using HeliosEdge.Sandbox.HostServices.Sqlite;
using Microsoft.Data.Sqlite;

namespace HeliosEdge.Sandbox.HostServices.KeyValue;

/// <summary>
/// Keys in a SQLite database of their own, in WAL mode with <c>synchronous=NORMAL</c>: what was written survives the process,
/// and all but the last moments survive the machine.
/// </summary>
public sealed class SqliteKeyValueStore : IKeyValueStore, IDisposable
{
    /// <summary>Bytes of all keys and values of a function in a region where nothing else is configured.</summary>
    public const long DefaultMaxBytes = 64 << 20;

    /// <summary>Keys of a function in a region where nothing else is configured.</summary>
    public const long DefaultMaxKeys = 100_000;

    /// <summary>The version of the tables, which is SQLite's <c>user_version</c>.</summary>
    private const int Version = 1;

    private readonly string _connectionString;
    private readonly long _maxBytes;
    private readonly long _maxKeys;
    private readonly Lock _writer = new();

    /// <summary>Opens the database, making it if it does not exist.</summary>
    /// <param name="path">Its file.</param>
    /// <param name="maxBytes">Bytes of all keys and values of a function in a region.</param>
    /// <param name="maxKeys">How many keys a function may have in a region.</param>
    /// <exception cref="SqliteException">It is none, or cannot be opened.</exception>
    /// <exception cref="InvalidDataException">It belongs to a later release.</exception>
    public SqliteKeyValueStore(string path, long maxBytes = DefaultMaxBytes, long maxKeys = DefaultMaxKeys)
    {
        _maxBytes = maxBytes;
        _maxKeys = maxKeys;
        SqliteRegionDatabases.Prepare();
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
        CountKeys(connection);
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
        var before = SizeOf(connection, transaction, region, function, key);
        var added = before is null ? 1 : 0;
        var delta = Encoding.UTF8.GetByteCount(key) + value.Length - (before ?? 0);
        var (usedBytes, usedKeys) = Usage(connection, transaction, region, function);
        if ((delta > 0 && usedBytes + delta > _maxBytes) || (added > 0 && usedKeys >= _maxKeys))
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
        Account(connection, transaction, region, function, delta, added);
        return true;
    });

    /// <inheritdoc/>
    public bool Delete(string region, string function, string key, TimeSpan patience) => Write(patience, (connection, transaction) =>
    {
        if (SizeOf(connection, transaction, region, function, key) is not { } size)
        {
            return false;
        }

        using var delete = Command(
            connection, transaction, "DELETE FROM entries WHERE region = $region AND function = $function AND key = $key", region, function, key);
        delete.ExecuteNonQuery();
        Account(connection, transaction, region, function, -size, -1);
        return true;
    });

    /// <inheritdoc/>
    public KeyPage List(string region, string function, string prefix, string after, int limit, int maxBytes)
    {
        using var connection = Open();
        using var command = Command(
            connection,
            null,
            """
            SELECT key FROM entries
            WHERE region = $region AND function = $function AND key >= $key AND key > $after AND key < $end ORDER BY key LIMIT $limit
            """,
            region,
            function,
            prefix);

        // UTF-8 has no byte 0xFF, so that nothing that starts with the prefix sorts after this.
        command.Parameters.AddWithValue("$end", (byte[])[.. Encoding.UTF8.GetBytes(prefix), 0xFF]);
        command.Parameters.AddWithValue("$after", Encoding.UTF8.GetBytes(after));
        command.Parameters.AddWithValue("$limit", limit + 1);
        using var reader = command.ExecuteReader();
        return KeyPage.Of(KeysOf(reader), limit, maxBytes);
    }

    /// <summary>Closes the database.</summary>
    public void Dispose()
    {
        using var connection = new SqliteConnection(_connectionString);
        SqliteConnection.ClearPool(connection);
    }

    private static IEnumerable<byte[]> KeysOf(SqliteDataReader reader)
    {
        while (reader.Read())
        {
            yield return reader.GetFieldValue<byte[]>(0);
        }
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

    private static long? SizeOf(SqliteConnection connection, SqliteTransaction transaction, string region, string function, string key)
    {
        using var command = Command(
            connection,
            transaction,
            "SELECT length(key) + length(value) FROM entries WHERE region = $region AND function = $function AND key = $key",
            region,
            function,
            key);
        return (long?)command.ExecuteScalar();
    }

    private static (long Bytes, long Keys) Usage(SqliteConnection connection, SqliteTransaction transaction, string region, string function)
    {
        using var command = Command(
            connection, transaction, "SELECT bytes, keys FROM usage WHERE region = $region AND function = $function", region, function);
        using var reader = command.ExecuteReader();
        return reader.Read() ? (reader.GetInt64(0), reader.GetInt64(1)) : default;
    }

    private static void Account(
        SqliteConnection connection, SqliteTransaction transaction, string region, string function, long bytes, int keys)
    {
        using var command = Command(
            connection,
            transaction,
            """
            INSERT INTO usage (region, function, bytes, keys) VALUES ($region, $function, $bytes, $keys)
            ON CONFLICT DO UPDATE SET bytes = bytes + excluded.bytes, keys = keys + excluded.keys
            """,
            region,
            function);
        command.Parameters.AddWithValue("$bytes", bytes);
        command.Parameters.AddWithValue("$keys", keys);
        command.ExecuteNonQuery();
    }

    // Databases of earlier releases did not count keys.
    private static void CountKeys(SqliteConnection connection)
    {
        using var transaction = connection.BeginTransaction(deferred: false);
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "PRAGMA user_version";
        var version = (long)command.ExecuteScalar()!;
        if (version > Version)
        {
            throw new InvalidDataException($"it has version {version}, and this release knows versions up to {Version}.");
        }

        if (version == 0)
        {
            command.CommandText =
                $"""
                ALTER TABLE usage ADD COLUMN keys INTEGER NOT NULL DEFAULT 0;
                UPDATE usage SET keys = (
                    SELECT count(*) FROM entries WHERE entries.region = usage.region AND entries.function = usage.function);
                PRAGMA user_version = {Version};
                """;
            command.ExecuteNonQuery();
            transaction.Commit();
        }
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
            try
            {
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
                WriteAheadLog.Trim(connection);
            }
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
            WriteAheadLog.Bound(connection);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
