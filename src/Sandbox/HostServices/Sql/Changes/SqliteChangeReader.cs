using SQLitePCL;

namespace HeliosEdge.Sandbox.HostServices.Sql.Changes;

/// <summary>Reads the changes of one pipeline, with a connection of its own that only reads and knows no guests. One thread at a time.</summary>
internal sealed class SqliteChangeReader : IDisposable
{
    /// <summary>Rows that are looked at in one transaction at most: while it is open the write-ahead log cannot be emptied.</summary>
    private const int Portion = 5_000;

    private readonly string _region;
    private readonly string _database;
    private readonly long _pipeline;
    private readonly bool _isByKey;
    private readonly HashSet<string> _tables;
    private readonly sqlite3 _connection;
    private readonly List<(byte[] Name, ChangeEvents? Events)> _known = [];
    private sqlite3_stmt? _next;
    private int _last;

    /// <exception cref="SandboxException">The file cannot be opened.</exception>
    public SqliteChangeReader(string path, string region, string database, long pipeline, PipelineDefinition definition)
    {
        (_region, _database, _pipeline, _isByKey) = (region, database, pipeline, definition.Order == ChangeOrder.Key);
        _tables = definition.Tables.ToHashSet(StringComparer.OrdinalIgnoreCase);
        var result = raw.sqlite3_open_v2(path, out _connection, raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_NOMUTEX, null);
        try
        {
            Check(result);
            raw.sqlite3_busy_timeout(_connection, 5_000);
            Check(raw.sqlite3_exec(_connection, "PRAGMA query_only = ON; PRAGMA cache_size = -512; PRAGMA mmap_size = 0"));
            Check(raw.sqlite3_prepare_v3(
                _connection,
                $"SELECT seq, pipeline, table_name, data FROM {SqliteChangeLog.Changes} WHERE seq > ?1 ORDER BY seq LIMIT {Portion}",
                raw.SQLITE_PREPARE_PERSISTENT,
                out _next));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Up to where it has read, its own changes and those of others.</summary>
    public long Position { get; set; }

    /// <summary>Bytes of all changes up to there; 0 before the first one is read.</summary>
    public long Sum { get; private set; }

    /// <summary>The last of its own changes that it has read.</summary>
    public Change Last { get; private set; }

    /// <summary>Adds changes to a batch.</summary>
    /// <returns>Whether the batch is to be delivered as it is, there may be more, or there are none now.</returns>
    /// <exception cref="SandboxException">As <see cref="SqlFailure.Of"/>.</exception>
    public ReadOutcome Read(ChangeBatch batch, int maxRows, int maxBytes)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var rows = 0;
        Check(raw.sqlite3_bind_int64(_next, 1, Position));
        try
        {
            while (batch.Count < maxRows && batch.Bytes < maxBytes)
            {
                var result = raw.sqlite3_step(_next);
                if (result == raw.SQLITE_DONE)
                {
                    return rows == Portion ? ReadOutcome.More : ReadOutcome.End;
                }

                if (result != raw.SQLITE_ROW)
                {
                    Check(result);
                }

                rows++;
                if (!TryAdd(batch, now))
                {
                    return ReadOutcome.Full;
                }
            }

            return ReadOutcome.Full;
        }
        finally
        {
            _ = raw.sqlite3_reset(_next);
        }
    }

    public void Dispose()
    {
        _next?.Dispose();
        _connection.Dispose();
    }

    /// <returns>False if the batch can have no more.</returns>
    private bool TryAdd(ChangeBatch batch, long now)
    {
        var sequence = raw.sqlite3_column_int64(_next, 0);
        var stored = raw.sqlite3_column_blob(_next, 3);
        var logged = LoggedChange.Read(stored);

        // NULL reads as 0: a change for all.
        var owner = raw.sqlite3_column_int64(_next, 1);
        if ((owner != 0 && owner != _pipeline) || Of(raw.sqlite3_column_blob(_next, 2)) is not { } events)
        {
            (Position, Sum) = (sequence, logged.Sum);
            return true;
        }

        // Changes of different rows come at the same time, and this one is of two: it comes alone.
        var isAlone = _isByKey && logged.Moves;
        if (isAlone && batch.Count > 0)
        {
            return false;
        }

        (Position, Sum) = (sequence, logged.Sum);
        events.Write(batch.Begin(), sequence, stored, logged, now);
        Last = new Change(new ChangePosition(sequence, 0), logged.Key, DateTimeOffset.FromUnixTimeMilliseconds(logged.At));
        batch.End(Last);
        return !isAlone;
    }

    // Changes of a table mostly come one after the other.
    private ChangeEvents? Of(ReadOnlySpan<byte> table)
    {
        for (var i = 0; i < _known.Count; i++)
        {
            var at = (_last + i) % _known.Count;
            if (table.SequenceEqual(_known[at].Name))
            {
                _last = at;
                return _known[at].Events;
            }
        }

        var name = System.Text.Encoding.UTF8.GetString(table);
        var events = _tables.Contains(name) ? new ChangeEvents(_region, _database, name) : null;
        _known.Add((table.ToArray(), events));
        return events;
    }

    private void Check(int result)
    {
        if (result != raw.SQLITE_OK)
        {
            var message = raw.sqlite3_errmsg(_connection).utf8_to_string();
            throw SqlFailure.Of(new SqlError(SqlOutcome.Unavailable, "58030", $"The changes of the region's database cannot be read: {message}."));
        }
    }
}
