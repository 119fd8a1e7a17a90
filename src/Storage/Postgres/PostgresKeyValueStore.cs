using System.Text;
using Dapper;
using HeliosEdge.Sandbox.Execution;
using HeliosEdge.Sandbox.HostServices.KeyValue;
using Npgsql;

namespace HeliosEdge.Storage.Postgres;

/// <summary>
/// Keys of functions in PostgreSQL. A write first locks the row with what its function uses, so that the writes of one function in a
/// region, from whichever silo, follow each other and its caps hold.
/// </summary>
internal sealed class PostgresKeyValueStore(
    PostgresDatabase database,
    long maxBytes = SqliteKeyValueStore.DefaultMaxBytes,
    long maxKeys = SqliteKeyValueStore.DefaultMaxKeys) : IKeyValueStore
{
    private const string Which = "region = @region AND function = @function AND key = @key";

    /// <inheritdoc/>
    public byte[]? Get(string region, string function, string key)
    {
        using var waiting = GuestThreads.Wait();
        using var connection = database.OpenForGuest();
        return connection.ExecuteScalar<byte[]?>($"SELECT value FROM key_entries WHERE {Which}", new { region, function, key = Bytes(key) });
    }

    /// <inheritdoc/>
    public bool TrySet(string region, string function, string key, byte[] value, TimeSpan patience) => Write(patience, (connection, transaction, timeout) =>
    {
        var entry = new { region, function, key = Bytes(key), value };
        connection.Execute(
            "INSERT INTO key_usage (region, function, bytes, keys) VALUES (@region, @function, 0, 0) ON CONFLICT DO NOTHING", entry, transaction, timeout);
        var (usedBytes, usedKeys) = connection.QuerySingle<(long Bytes, long Keys)>(
            "SELECT bytes, keys FROM key_usage WHERE region = @region AND function = @function FOR UPDATE", entry, transaction, timeout);
        var before = connection.ExecuteScalar<long?>(
            $"SELECT CAST(length(key) + length(value) AS BIGINT) FROM key_entries WHERE {Which}", entry, transaction, timeout);
        var added = before is null ? 1 : 0;
        var delta = entry.key.Length + value.Length - (before ?? 0);
        if ((delta > 0 && usedBytes + delta > maxBytes) || usedKeys + added > Math.Max(usedKeys, maxKeys))
        {
            return false;
        }

        connection.Execute(
            """
            INSERT INTO key_entries (region, function, key, value) VALUES (@region, @function, @key, @value)
            ON CONFLICT (region, function, key) DO UPDATE SET value = excluded.value
            """,
            entry,
            transaction,
            timeout);
        Account(connection, transaction, timeout, region, function, delta, added);
        return true;
    });

    /// <inheritdoc/>
    public bool Delete(string region, string function, string key, TimeSpan patience) => Write(patience, (connection, transaction, timeout) =>
    {
        var entry = new { region, function, key = Bytes(key) };
        connection.Execute("SELECT 1 FROM key_usage WHERE region = @region AND function = @function FOR UPDATE", entry, transaction, timeout);
        var size = connection.ExecuteScalar<long?>(
            $"DELETE FROM key_entries WHERE {Which} RETURNING CAST(length(key) + length(value) AS BIGINT)", entry, transaction, timeout);
        if (size is not { } freed)
        {
            return false;
        }

        Account(connection, transaction, timeout, region, function, -freed, -1);
        return true;
    });

    /// <inheritdoc/>
    public KeyPage List(string region, string function, string prefix, string after, int limit, int maxBytes)
    {
        using var waiting = GuestThreads.Wait();
        using var connection = database.OpenForGuest();
        var start = Bytes(prefix);

        // UTF-8 has no byte 0xFF, so that nothing that starts with the prefix sorts after the end.
        return KeyPage.Of(
            connection.Query<byte[]>(
                """
                SELECT key FROM key_entries
                WHERE region = @region AND function = @function AND key >= @start AND key > @after AND key < @end
                ORDER BY key LIMIT @most
                """,
                new { region, function, start, after = Bytes(after), end = (byte[])[.. start, 0xFF], most = limit + 1 },
                buffered: false),
            limit,
            maxBytes);
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static void Account(
        NpgsqlConnection connection, NpgsqlTransaction transaction, int timeout, string region, string function, long bytes, int keys) =>
        connection.Execute(
            "UPDATE key_usage SET bytes = bytes + @bytes, keys = keys + @keys WHERE region = @region AND function = @function",
            new { region, function, bytes, keys },
            transaction,
            timeout);

    private bool Write(TimeSpan patience, Func<NpgsqlConnection, NpgsqlTransaction, int, bool> write)
    {
        if (patience <= TimeSpan.Zero)
        {
            throw new TimeoutException("Other writers were busy until the deadline.");
        }

        using var waiting = GuestThreads.Wait();
        try
        {
            using var connection = database.OpenForGuest();
            using var transaction = connection.BeginTransaction();
            var done = write(connection, transaction, (int)Math.Ceiling(Math.Min(patience.TotalSeconds, 3_600)));
            if (done)
            {
                transaction.Commit();
            }

            return done;
        }
        catch (NpgsqlException e) when (e.InnerException is TimeoutException)
        {
            throw new TimeoutException("The database did not answer until the deadline.", e);
        }
    }
}
