using System.Buffers.Binary;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using HeliosEdge.Sandbox.HostServices.Sql.Changes;
using Npgsql;

namespace HeliosEdge.Data.Postgres.Changes;

/// <summary>
/// Takes the messages of <c>pgoutput</c>, protocol 1, apart. It counts the events of each transaction, which come in the same order whenever the server sends
/// them again, and leaves out those that were delivered.
/// </summary>
internal sealed class ChangeDecoder(PostgresTypes types, string database, string serverDatabase)
{
    /// <summary>Microseconds from 1970 to 2000, from which the server counts.</summary>
    private const long Epoch = 946_684_800_000_000;

    private const string PrimaryKey =
        """
        SELECT a.attname::pg_catalog.text FROM pg_catalog.pg_index i JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
        WHERE i.indisprimary AND i.indrelid = $1
        """;

    private readonly Dictionary<uint, EventTable> _tables = [];
    private readonly EventWriter _writer = new();
    private EventTable[] _truncated = [];
    private EventTable? _table;
    private OldRow _old;
    private char _op;
    private long _id;
    private long _committedMs;
    private long _serial;
    private long _ordered;
    private long _now;

    /// <summary>Whether a transaction has begun and not ended.</summary>
    public bool IsInside { get; private set; }

    /// <summary>Where the transaction ends in the log.</summary>
    public long Commit { get; private set; }

    public DateTimeOffset CommittedAt { get; private set; }

    /// <summary>Events of the transaction in the messages before this one.</summary>
    public long Counted { get; private set; }

    /// <summary>Events of the transaction that were told, or were delivered before.</summary>
    public long Done { get; private set; }

    /// <summary>How many events the message has.</summary>
    public int Events { get; private set; }

    /// <summary>Whether the order of the message and of any other change matters, as it is about several rows: one that has another key now, or all rows.</summary>
    public bool IsBarrier { get; private set; }

    /// <summary>Begins a transaction.</summary>
    /// <param name="message">Tells of it.</param>
    /// <param name="position">What is delivered.</param>
    public void Begin(ReadOnlySpan<byte> message, ChangePosition? position)
    {
        IsInside = true;
        Commit = BinaryPrimitives.ReadInt64BigEndian(message[1..]);
        var micros = BinaryPrimitives.ReadInt64BigEndian(message[9..]) + Epoch;
        CommittedAt = DateTimeOffset.UnixEpoch.AddTicks(micros * 10);
        _committedMs = micros / 1_000;
        _id = BinaryPrimitives.ReadUInt32BigEndian(message[17..]);
        _serial++;
        _ordered = 0;
        Counted = 0;
        Done = position is not { } delivered || delivered.Commit < Commit ? 0 : delivered.Commit > Commit ? long.MaxValue : delivered.Index;
    }

    /// <summary>Ends a transaction.</summary>
    public void End() => IsInside = false;

    /// <summary>Learns of a table, as it is from now on in the log.</summary>
    /// <param name="message">Tells of it.</param>
    /// <param name="connection">Knows types and keys that the message does not tell.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task LearnAsync(byte[] message, NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var at = 1;
        var oid = BinaryPrimitives.ReadUInt32BigEndian(message.AsSpan(at));
        at += 4;
        var schema = Text(message, ref at);
        var name = Text(message, ref at);
        var isFull = message[at++] == 'f';
        var columns = new (string Name, uint Type, bool IsKey)[BinaryPrimitives.ReadInt16BigEndian(message.AsSpan(at))];
        at += 2;
        for (var i = 0; i < columns.Length; i++)
        {
            var isKey = (message[at++] & 1) != 0;
            var column = Text(message, ref at);
            columns[i] = (column, BinaryPrimitives.ReadUInt32BigEndian(message.AsSpan(at)), isKey);
            at += 8;
        }

        var key = isFull ? await KeyAsync(connection, oid, cancellationToken).ConfigureAwait(false) : null;
        var found = await types.FindAsync(connection, [.. columns.Select(column => column.Type)], cancellationToken).ConfigureAwait(false);
        var known = _tables.GetValueOrDefault(oid);
        _tables[oid] = new EventTable(
            database,
            serverDatabase,
            schema.Length == 0 ? "pg_catalog" : schema,
            name,
            [.. columns.Select((column, i) => new EventColumn(JsonEncodedText.Encode(column.Name, JavaScriptEncoder.UnsafeRelaxedJsonEscaping), found[i], key?.Contains(column.Name) ?? column.IsKey))])
        {
            // It may be told of again within a transaction.
            Transaction = known?.Transaction ?? -1,
            Order = known?.Order ?? 0,
        };
    }

    /// <summary>Takes a message about rows apart.</summary>
    public void Take(ReadOnlySpan<byte> message)
    {
        _op = (char)message[0] switch
        {
            'I' => 'c',
            'U' => 'u',
            'D' => 'd',
            'T' => 't',
            var other => throw new NpgsqlException($"The server sends a message of the unknown kind '{other}'."),
        };
        _old = OldRow.None;
        IsBarrier = _op == 't';
        if (_op == 't')
        {
            TakeTruncate(message);
            return;
        }

        Events = 1;
        var table = _table = Find(BinaryPrimitives.ReadUInt32BigEndian(message[1..]));
        var at = 5;
        if (message[at] != 'N')
        {
            _old = message[at++] == 'K' ? OldRow.Key : OldRow.All;
            TakeRow(message, ref at, table.Old);
        }

        if (_op != 'd')
        {
            at++;
            TakeRow(message, ref at, table.New);
            IsBarrier = _old == OldRow.Key || (_old == OldRow.All && table.HasKey && table.HasMoved(message));
        }
    }

    /// <summary>Whether an event of the message was told already, or was delivered before.</summary>
    public bool IsDone(int number)
    {
        if (Counted + number >= Done)
        {
            return false;
        }

        Order(number);
        return true;
    }

    /// <summary>Writes an event of the message.</summary>
    /// <returns>The key of its row.</returns>
    public ulong Write(ChangeBatch batch, int number, long lsn, ReadOnlySpan<byte> message)
    {
        Order(number);
        Done = Counted + number + 1;
        var table = TableOf(number);
        var head = new EventHead(_op, _old, _op is 'c' or 'u', _committedMs, _now, SnapshotPart.No, _id, lsn, Commit, Done, table.Order);
        _writer.Write(batch.Begin(), head, table, message);
        return _op == 't' ? table.Seed : table.KeyOf(_old == OldRow.None ? table.New : table.Old, message);
    }

    /// <summary>Goes on behind the message.</summary>
    public void Pass() => Counted += Events;

    /// <summary>Notes what time it is, for the events from now on.</summary>
    public void Tick() => _now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

    /// <summary>The columns of a table's primary key; empty without one.</summary>
    public static async Task<HashSet<string>> KeyAsync(NpgsqlConnection connection, uint oid, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(PrimaryKey, connection) { Parameters = { new NpgsqlParameter { Value = oid, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Oid } } };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        HashSet<string> columns = [];
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            columns.Add(reader.GetString(0));
        }

        return columns;
    }

    private static string Text(byte[] message, ref int at)
    {
        var length = message.AsSpan(at).IndexOf((byte)0);
        var text = Encoding.UTF8.GetString(message, at, length);
        at += length + 1;
        return text;
    }

    private static void TakeRow(ReadOnlySpan<byte> message, ref int at, RowValues row)
    {
        var count = BinaryPrimitives.ReadInt16BigEndian(message[at..]);
        at += 2;
        if (count != row.Lengths.Length)
        {
            throw new NpgsqlException($"The server sends a row of {count} columns where there are {row.Lengths.Length}.");
        }

        for (var i = 0; i < count; i++)
        {
            switch ((char)message[at++])
            {
                case 'n':
                    row.Lengths[i] = RowValues.Null;
                    break;
                case 'u':
                    row.Lengths[i] = RowValues.Unchanged;
                    break;
                default:
                    var length = BinaryPrimitives.ReadInt32BigEndian(message[at..]);
                    row.Starts[i] = at + 4;
                    row.Lengths[i] = length;
                    at += 4 + length;
                    break;
            }
        }
    }

    private void TakeTruncate(ReadOnlySpan<byte> message)
    {
        var count = BinaryPrimitives.ReadInt32BigEndian(message[1..]);
        _truncated = new EventTable[count];
        for (var i = 0; i < count; i++)
        {
            _truncated[i] = Find(BinaryPrimitives.ReadUInt32BigEndian(message[(6 + 4 * i)..]));
        }

        Events = count;
    }

    /// <summary>Counts an event once, however often its message is taken apart.</summary>
    private void Order(int number)
    {
        if (Counted + number < _ordered)
        {
            return;
        }

        _ordered = Counted + number + 1;
        var table = TableOf(number);
        (table.Transaction, table.Order) = (_serial, table.Transaction == _serial ? table.Order + 1 : 1);
    }

    private EventTable TableOf(int number) => _op == 't' ? _truncated[number] : _table!;

    private EventTable Find(uint oid) => _tables.TryGetValue(oid, out var table) ? table : throw new NpgsqlException("The server tells of a row before its table.");
}
