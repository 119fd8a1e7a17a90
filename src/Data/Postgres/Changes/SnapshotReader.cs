using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using HeliosEdge.Sandbox.HostServices.Sql.Changes;
using Npgsql;
using Npgsql.Replication;

namespace HeliosEdge.Data.Postgres.Changes;

/// <summary>Reads the rows that tables had when a slot was made, one after the other. What is committed later comes through the slot: nothing is between them.</summary>
internal sealed class SnapshotReader : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly Queue<(EventTable Table, string Sql)> _tables;
    private readonly EventWriter _writer = new();
    private readonly long _takenAt = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
    private NpgsqlCommand? _command;
    private NpgsqlDataReader? _rows;
    private EventTable? _reading;
    private Row _current = new();
    private Row _following = new();

    private SnapshotReader(NpgsqlConnection connection, long start, IEnumerable<(EventTable Table, string Sql)> tables)
    {
        _connection = connection;
        _tables = new Queue<(EventTable Table, string Sql)>(tables);
        Start = start;
    }

    /// <summary>Where in the log what was committed later begins.</summary>
    public long Start { get; }

    /// <summary>When it was taken.</summary>
    public DateTimeOffset TakenAt => DateTimeOffset.FromUnixTimeMilliseconds(_takenAt);

    /// <summary>Whether there is a row.</summary>
    public bool HasRow => _current.Table is not null;

    /// <summary>Whether none follows it.</summary>
    public bool IsLast => _following.Table is null;

    /// <summary>Makes a slot, and opens the tables as they are from then on.</summary>
    /// <param name="capture">The database.</param>
    /// <param name="database">Its name in HeliosEdge.</param>
    /// <param name="slot">The slot's name.</param>
    /// <param name="names">The tables.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<SnapshotReader> OpenAsync(PostgresCapture capture, string database, string slot, IEnumerable<string> names, CancellationToken cancellationToken)
    {
        var connection = await capture.OpenOwnAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            long start;

            // The snapshot is there for others only until the session that made it does something else.
            await using (var log = await capture.OpenLogAsync(cancellationToken).ConfigureAwait(false))
            {
                var made = await log.CreatePgOutputReplicationSlot(slot, slotSnapshotInitMode: LogicalSlotSnapshotInitMode.Export, cancellationToken: cancellationToken).ConfigureAwait(false);
                start = (long)(ulong)made.ConsistentPoint;
                await PipelineTable.ExecuteAsync(
                    connection, $"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET TRANSACTION SNAPSHOT '{made.SnapshotName}'", cancellationToken).ConfigureAwait(false);
            }

            List<(EventTable Table, string Sql)> tables = [];
            foreach (var name in names)
            {
                tables.Add(await DescribeAsync(capture, connection, database, await CapturedTables.FindAsync(connection, name, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false));
            }

            var snapshot = new SnapshotReader(connection, start, tables);
            await snapshot.AdvanceAsync(cancellationToken).ConfigureAwait(false);
            await snapshot.AdvanceAsync(cancellationToken).ConfigureAwait(false);
            return snapshot;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Writes the row.</summary>
    /// <returns>Its key.</returns>
    public ulong Write(ChangeBatch batch)
    {
        var table = _current.Table!;
        _current.Starts.CopyTo(table.New.Starts.AsSpan());
        _current.Lengths.CopyTo(table.New.Lengths.AsSpan());
        var head = new EventHead(
            'r', OldRow.None, HasNew: true, _takenAt, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), IsLast ? SnapshotPart.Last : SnapshotPart.Row, 0, Start, 0, 0, 0);
        _writer.Write(batch.Begin(), head, table, _current.Bytes.WrittenSpan);
        return table.KeyOf(table.New, _current.Bytes.WrittenSpan);
    }

    /// <summary>Goes to the next row.</summary>
    public async ValueTask AdvanceAsync(CancellationToken cancellationToken)
    {
        (_current, _following) = (_following, _current);
        _following.Clear();
        while (true)
        {
            if (_rows is null)
            {
                if (!_tables.TryDequeue(out var next))
                {
                    // Its transaction would keep others from changing the tables for as long as the rows are not delivered.
                    await DisposeAsync().ConfigureAwait(false);
                    return;
                }

                _reading = next.Table;
                _command = new NpgsqlCommand(next.Sql, _connection) { AllResultTypesAreUnknown = true, CommandTimeout = 0 };
                _rows = await _command.ExecuteReaderAsync(System.Data.CommandBehavior.SequentialAccess, cancellationToken).ConfigureAwait(false);
            }

            if (await _rows.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                await _following.ReadAsync(_rows, _reading!, cancellationToken).ConfigureAwait(false);
                return;
            }

            await CloseAsync().ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            // Closing a reader would read all that is left; the connection is of no more use.
            await _connection.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (PostgresErrors.IsOne(e))
        {
            // It broke: it is gone either way.
        }
    }

    private static async Task<(EventTable Table, string Sql)> DescribeAsync(
        PostgresCapture capture, NpgsqlConnection connection, string database, CapturedTable table, CancellationToken cancellationToken)
    {
        var columns = await TableColumns.ReadAsync(connection, capture.Types, TableColumns.Logged, table.Oid, cancellationToken).ConfigureAwait(false);
        var events = new EventTable(
            database,
            connection.Database,
            table.Schema,
            table.Name,
            [.. columns.Names.Select((name, i) => new EventColumn(JsonEncodedText.Encode(name, JavaScriptEncoder.UnsafeRelaxedJsonEscaping), columns.Types[i], columns.Key.Contains(name)))]);
        return (events, $"SELECT {string.Join(", ", columns.Names.Select(Triggers.PostgresTriggerSql.Quote))} FROM {table.OwnRowsSql}");
    }

    private async Task CloseAsync()
    {
        await _rows!.DisposeAsync().ConfigureAwait(false);
        await _command!.DisposeAsync().ConfigureAwait(false);
        _rows = null;
    }

    /// <summary>A row of its own, which stays while the next one is read.</summary>
    private sealed class Row
    {
        private const int Chunk = 16 << 10;

        public EventTable? Table { get; private set; }

        public int[] Starts { get; private set; } = [];

        public int[] Lengths { get; private set; } = [];

        public ArrayBufferWriter<byte> Bytes { get; } = new();

        public void Clear()
        {
            Table = null;
            Bytes.ResetWrittenCount();
        }

        public async ValueTask ReadAsync(NpgsqlDataReader reader, EventTable table, CancellationToken cancellationToken)
        {
            if (Starts.Length != table.Columns.Length)
            {
                Starts = new int[table.Columns.Length];
                Lengths = new int[table.Columns.Length];
            }

            for (var i = 0; i < Starts.Length; i++)
            {
                if (await reader.IsDBNullAsync(i, cancellationToken).ConfigureAwait(false))
                {
                    Lengths[i] = RowValues.Null;
                    continue;
                }

                var value = await reader.GetStreamAsync(i, cancellationToken).ConfigureAwait(false);
                Starts[i] = Bytes.WrittenCount;
                for (var left = Lengths[i] = checked((int)value.Length); left > 0;)
                {
                    var part = Math.Min(left, Chunk);
                    await value.ReadExactlyAsync(Bytes.GetMemory(part)[..part], cancellationToken).ConfigureAwait(false);
                    Bytes.Advance(part);
                    left -= part;
                }
            }

            Table = table;
        }
    }
}
