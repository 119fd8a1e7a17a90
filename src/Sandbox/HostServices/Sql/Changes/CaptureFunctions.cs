using System.Buffers;
using System.IO.Hashing;
using System.Text.Json;
using HeliosEdge.Sandbox.HostServices.Sql.Functions;
using SQLitePCL;

namespace HeliosEdge.Sandbox.HostServices.Sql.Changes;

/// <summary>
/// The functions by which the triggers of a connection make changes out of rows. A program that opens the file without them fails at the first change of a
/// table that is captured, instead of slipping past.
/// </summary>
internal sealed class CaptureFunctions
{
    /// <summary>Gives a change as it is stored.</summary>
    public const string Change = "helios_change";

    /// <summary>Whether a row becomes what a guest has made of it, which is no change of its own.</summary>
    public const string Amends = "helios_amends";

    /// <summary>Whether that was so for the row just now.</summary>
    public const string Amended = "helios_amended";

    /// <summary>Harmless in a schema, and not to be taken for the same each time (<c>SQLITE_INNOCUOUS</c>).</summary>
    private const int Flags = raw.SQLITE_UTF8 | 0x200000;

    /// <summary>What a row of the log takes besides its value.</summary>
    private const int Overhead = 24;
    private const int MaxRows = 1_024;

    /// <summary>What may come to the rows of a change when it is dead: the rest of its event, and why.</summary>
    private const int Rest = 64 << 10;

    private readonly Action<string, Action<sqlite3_stmt>, object?[]> _each;
    private readonly int _maxBytes;
    private readonly ChangeSignal _signal;
    private readonly ArrayBufferWriter<byte> _change = new();
    private readonly Utf8JsonWriter _json;
    private readonly Dictionary<ulong, (byte[] Head, CapturedRow Row)> _rows = [];
    private readonly Dictionary<string, CapturedTable> _tables = new(StringComparer.Ordinal);
    private readonly ArrayBufferWriter<byte> _row = new();

    private bool _isStale = true;
    private bool _hasCaptured;
    private long _sequence;
    private long _sum;
    private long _transaction;
    private long _at;

    // The change before this one in the statement: what a guest has made of its row goes into it.
    private CapturedRow? _last;
    private byte[] _lastRows = [];
    private LoggedChange _lastChange;
    private int _lastSize;
    private bool _isApplying;
    private bool _isAmending;
    private bool _hasAmended;

    /// <summary>Registers them.</summary>
    /// <param name="database">The connection.</param>
    /// <param name="each">Runs a query of the silo's own on it.</param>
    /// <param name="maxBytes">Bytes of the largest value.</param>
    /// <param name="signal">Is raised when a transaction with changes is committed.</param>
    public CaptureFunctions(sqlite3 database, Action<string, Action<sqlite3_stmt>, object?[]> each, int maxBytes, ChangeSignal signal)
    {
        (_each, _maxBytes, _signal) = (each, Math.Max(0, maxBytes - Rest), signal);
        _json = new Utf8JsonWriter(_change, new JsonWriterOptions { SkipValidation = true });
        Add(Change, OnChange);
        Add(Amends, OnAmends);
        Add(Amended, OnAmended);

        void Add(string name, Action<sqlite3_context, sqlite3_value[]> body) =>
            SqliteCallbacks.Scalar(database, name, Flags, body, e => Failure = $"A change cannot be captured: {e.Message}");
    }

    /// <summary>Why the statement that runs cannot be captured; null where it can.</summary>
    public string? Failure { get; private set; }

    /// <summary>Bytes that the statement that runs may add to the log.</summary>
    public long MaxAdded { get; set; } = long.MaxValue;

    /// <summary>Whether the statement that runs wanted to add more than <see cref="MaxAdded"/>.</summary>
    public bool IsBeyond { get; private set; }

    /// <summary>Whether a name is one of these functions.</summary>
    public static bool Has(string name) => name is Change or Amends or Amended;

    /// <summary>Begins a transaction.</summary>
    public void BeginTransaction()
    {
        _transaction = 0;
        _hasCaptured = false;
    }

    /// <summary>Begins a statement.</summary>
    public void BeginStatement()
    {
        Failure = null;
        IsBeyond = false;
        MaxAdded = long.MaxValue;
        _at = 0;
        _last = null;
        _isApplying = false;
        _isAmending = false;
        _hasAmended = false;
    }

    /// <summary>Something was undone, or done without these functions.</summary>
    public void Doubt() => _isStale = true;

    /// <summary>The transaction was committed.</summary>
    public void Committed()
    {
        if (_hasCaptured)
        {
            _signal.Raise();
        }
    }

    /// <summary>What a guest has made of the row that was changed last is written next.</summary>
    public void BeginApplying() => _isApplying = true;

    private void OnChange(sqlite3_context context, sqlite3_value[] arguments)
    {
        var row = RowOf(raw.sqlite3_value_blob(arguments[0]));
        var values = arguments.AsSpan(1);
        var old = row.Op is (byte)'u' or (byte)'d' ? values[..row.Count] : default;
        var now = row.Op is not (byte)'d' ? values[^row.Count..] : default;
        if (_isStale)
        {
            Look();
        }

        var isAmending = _isAmending;
        _isAmending = false;
        _isApplying = false;
        _change.ResetWrittenCount();
        _ = _change.GetSpan(LoggedChange.Size);
        _change.Advance(LoggedChange.Size);
        var before = 0;
        string? unfit = null;
        if (isAmending)
        {
            _change.Write(_lastRows.AsSpan(0, before = _lastChange.Before));
        }
        else if (!old.IsEmpty)
        {
            unfit = Write(row, old);
            before = _change.WrittenCount - LoggedChange.Size;
        }

        if (!now.IsEmpty)
        {
            unfit ??= Write(row, now);
        }

        if (unfit is not null)
        {
            End(context, $"The change of \"{row.Event.Table}\" cannot be captured: {unfit}.");
            return;
        }

        if (_change.WrittenCount - LoggedChange.Size > _maxBytes)
        {
            End(context, $"The change of \"{row.Event.Table}\" cannot be captured: it has {_change.WrittenCount - LoggedChange.Size} bytes of JSON; the limit is {_maxBytes}.");
            return;
        }

        var added = _change.WrittenCount + row.Event.Table.Length + Overhead;
        LoggedChange change;
        if (isAmending)
        {
            change = _lastChange with { Sum = _sum += added - _lastSize };
        }
        else
        {
            MaxAdded -= added;
            if (MaxAdded < 0)
            {
                IsBeyond = true;
                End(context, "The changes are more than may be held.");
                return;
            }

            var key = row.KeyOf(now.IsEmpty ? old : now);
            change = Next(row, key, added, before) with { Moves = !old.IsEmpty && !now.IsEmpty && row.KeyOf(old) != key };
        }

        _lastSize = added;
        Remember(row, change);
        var written = System.Runtime.InteropServices.MemoryMarshal.AsMemory(_change.WrittenMemory).Span;
        change.Write(written);
        raw.sqlite3_result_blob(context, written);
    }

    private LoggedChange Next(CapturedRow row, ulong key, int added, int before)
    {
        _sequence++;
        _sum += added;
        _hasCaptured = true;
        if (_transaction == 0)
        {
            _transaction = _sequence;
        }

        if (_at == 0)
        {
            _at = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        }

        var table = row.Table;
        if (table.Transaction != _transaction)
        {
            (table.Transaction, table.Count) = (_transaction, 0);
        }

        return new LoggedChange(_sum, _at, _transaction, key, ++table.Count, before, row.Op, IsLast: false, Moves: false);
    }

    private void Remember(CapturedRow row, LoggedChange change)
    {
        _last = null;
        if (row.Event.IsJudged)
        {
            (_last, _lastChange, _lastRows) = (row, change, _change.WrittenSpan[LoggedChange.Size..].ToArray());
        }
    }

    // Guests get to say what a row is before it is written, and SQLite writes it after that: of both, one change is told.
    private void OnAmends(sqlite3_context context, sqlite3_value[] arguments)
    {
        _isAmending = false;
        if (_isApplying && _last is not null)
        {
            var row = RowOf(raw.sqlite3_value_blob(arguments[0]));
            if (row.Table == _last.Table)
            {
                _row.ResetWrittenCount();
                using var json = new Utf8JsonWriter(_row, new JsonWriterOptions { SkipValidation = true });
                _isAmending = row.TryWrite(json, arguments.AsSpan(1, row.Count)) is null;
                json.Flush();
                _isAmending &= _row.WrittenSpan.SequenceEqual(_lastRows.AsSpan(_lastChange.Before));
            }
        }

        _hasAmended = _isAmending;
        raw.sqlite3_result_int(context, _isAmending ? 1 : 0);
    }

    private void OnAmended(sqlite3_context context, sqlite3_value[] arguments)
    {
        raw.sqlite3_result_int(context, _hasAmended ? 1 : 0);
        _hasAmended = false;
    }

    private string? Write(CapturedRow row, ReadOnlySpan<sqlite3_value> values)
    {
        _json.Reset();
        var unfit = row.TryWrite(_json, values);
        _json.Flush();
        return unfit;
    }

    private void End(sqlite3_context context, string why)
    {
        Failure ??= why;
        raw.sqlite3_result_error(context, why);
    }

    /// <summary>Looks where the log ends.</summary>
    private void Look()
    {
        (_sequence, _sum) = (0, 0);
        _each(SqliteChangeLog.Newest, row => (_sequence, _sum) = (raw.sqlite3_column_int64(row, 0), LoggedChange.Read(raw.sqlite3_column_blob(row, 1)).Sum), [0]);
        foreach (var table in _tables.Values)
        {
            (table.Transaction, table.Count) = (_transaction, 0);
        }

        if (_transaction != 0)
        {
            _each(
                $"SELECT table_name, count(*) FROM {SqliteChangeLog.Changes} WHERE seq >= ?1 GROUP BY table_name",
                row => TableOf(raw.sqlite3_column_text(row, 0).utf8_to_string()).Count = raw.sqlite3_column_int(row, 1),
                [_transaction]);
        }

        _isStale = false;
    }

    private CapturedTable TableOf(string name)
    {
        if (!_tables.TryGetValue(name, out var table))
        {
            _tables.Add(name, table = new CapturedTable { Transaction = _transaction });
        }

        return table;
    }

    private CapturedRow RowOf(ReadOnlySpan<byte> head)
    {
        var hash = XxHash3.HashToUInt64(head);
        if (_rows.TryGetValue(hash, out var known) && head.SequenceEqual(known.Head))
        {
            return known.Row;
        }

        // A schema has few triggers; those that are gone go with the rest.
        if (_rows.Count >= MaxRows)
        {
            _rows.Clear();
        }

        var described = JsonSerializer.Deserialize(head, SqlJsonContext.Default.CapturedEvent)!;
        var row = new CapturedRow(described, TableOf(described.Table));
        _rows[hash] = (head.ToArray(), row);
        return row;
    }
}
