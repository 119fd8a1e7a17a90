using System.Buffers;
using System.Text;
using System.Text.Json;
using HeliosEdge.Sandbox.HostServices.Sql.Functions;
using SQLitePCL;

namespace HeliosEdge.Sandbox.HostServices.Sql.Triggers;

/// <summary>
/// The functions by which the triggers of a connection ask their guests. A program that opens the file without them fails at the first change
/// that a trigger is for, instead of slipping past. What a guest makes of a row in a before-event is kept until the after-event of the same row,
/// which writes it: SQLite has no way to change a row that is about to be written.
/// </summary>
internal sealed class TriggerFunctions
{
    public const string Fire = "helios_fire";
    public const string Pending = "helios_pending";
    public const string New = "helios_new";
    public const string Applied = "helios_applied";

    /// <summary>How the names of the triggers begin that are made here.</summary>
    public const string Prefix = "helios:";

    /// <summary>What is before the values of a row among the arguments of <see cref="Fire"/>.</summary>
    public const int Head = 1;

    /// <summary>Harmless in a schema, and not to be taken for the same each time (<c>SQLITE_INNOCUOUS</c>).</summary>
    private const int Flags = raw.SQLITE_UTF8 | 0x200000;

    private const int MaxCalls = 1_024;

    private readonly GuestFunctions _guests;
    private readonly TriggerLedger _ledger;
    private readonly Action _applies;
    private readonly ArrayBufferWriter<byte> _payload = new();
    private readonly Utf8JsonWriter _json;
    private readonly Dictionary<string, TriggerCall> _calls = new(StringComparer.Ordinal);
    private byte[] _lastHead = [];
    private TriggerCall? _last;
    private readonly Dictionary<string, Stack<Dictionary<string, JsonElement>?>> _changes = new(StringComparer.Ordinal);
    private byte[] _lastName = [];
    private Stack<Dictionary<string, JsonElement>?>? _lastChanges;
    private string? _applying;
    private byte[]? _end;

    /// <param name="database">The connection.</param>
    /// <param name="guests">The guests of the statement that runs.</param>
    /// <param name="ledger">Counts what they do.</param>
    /// <param name="applies">Called before what a guest has made of a row is written.</param>
    public TriggerFunctions(sqlite3 database, GuestFunctions guests, TriggerLedger ledger, Action applies)
    {
        _guests = guests;
        _ledger = ledger;
        _applies = applies;
        _json = new Utf8JsonWriter(_payload, new JsonWriterOptions { SkipValidation = true });
        Add(Fire, OnFire);
        Add(Pending, OnPending);
        Add(New, OnNew);
        Add(Applied, OnApplied);

        void Add(string name, Action<sqlite3_context, sqlite3_value[]> body) => SqliteCallbacks.Scalar(
            database, name, Flags, body, e => _guests.Guests?.Fail(name, new SandboxException(ErrorCodes.TriggerFailed, $"A trigger could not judge a row, which is refused: {e.Message}", e)));
    }

    /// <summary>Whether a name is one of these functions.</summary>
    public static bool Has(string name) => name is Fire or Pending or New or Applied;

    /// <summary>Begins a statement.</summary>
    public void Begin()
    {
        _changes.Clear();
        _lastChanges = null;
        _applying = null;
        _end = null;
    }

    private void OnFire(sqlite3_context context, sqlite3_value[] arguments)
    {
        if (_applying is not null)
        {
            // What is written is what a guest has just made of the row.
            return;
        }

        var call = CallOf(raw.sqlite3_value_blob(arguments[0]));
        var (name, eventName, row) = (call.Trigger, call.Event, call.Row);
        var values = arguments.AsSpan(Head);
        var old = TriggerEvents.HasOld(eventName) ? values[..row.Columns.Length] : default;
        var now = TriggerEvents.HasNew(eventName) ? values[^row.Columns.Length..] : default;
        _ledger.Fired(name);
        _payload.ResetWrittenCount();
        _payload.Write(call.Beginning);
        var unfit = Write(row, old);
        _payload.Write(",\"new\":"u8);
        unfit ??= Write(row, now);
        _payload.Write(_end ??= Encoding.UTF8.GetBytes($",\"at\":\"{TriggerEvents.Moment()}\"}}"));
        var key = now.IsEmpty ? old : now;
        if (unfit is not null)
        {
            Refuse(context, name, row.KeyOf(key), unfit);
        }
        else if (_guests.Guests is not { } guests)
        {
            raw.sqlite3_result_error(context, $"The trigger \"{name}\" has no function to ask here.");
        }
        else if (!guests.TryCall(call.Function, _payload.WrittenSpan, out var answer))
        {
            Refuse(context, name, row.KeyOf(key), guests.TakeFailure()!.Message);
        }
        else
        {
            Judge(context, name, eventName, row, key, answer);
        }
    }

    private string? Write(TriggerRow row, ReadOnlySpan<sqlite3_value> values)
    {
        if (values.IsEmpty)
        {
            _payload.Write("null"u8);
            return null;
        }

        _json.Reset();
        var unfit = row.TryWrite(_json, values);
        _json.Flush();
        return unfit;
    }

    private void Judge(sqlite3_context context, string name, string eventName, TriggerRow row, ReadOnlySpan<sqlite3_value> key, ReadOnlyMemory<byte> answer)
    {
        var verdict = TriggerVerdict.Read(answer, TriggerEvents.MayChange(eventName) ? row.Changeable : null, out var fault);
        if (verdict is null)
        {
            Refuse(context, name, row.KeyOf(key), fault!);
        }
        else if (!verdict.IsAllowed)
        {
            var message = TriggerRefusal.Rejected(name, row.KeyOf(key), verdict.Reason);
            _ledger.Rejected(name, message);
            End(context, name, ErrorCodes.TriggerRejected, message);
        }
        else if (TriggerEvents.MayChange(eventName))
        {
            Stack(name).Push(verdict.New);
        }
    }

    // Whether a guest has made something else of the row whose after-event this is.
    private void OnPending(sqlite3_context context, sqlite3_value[] arguments)
    {
        var isPending = false;
        if (_applying is null && StackOf(raw.sqlite3_value_blob(arguments[0])) is { Count: > 0 } changes)
        {
            isPending = changes.Peek() is not null;
            if (isPending)
            {
                _applying = Text(arguments[0]);
                _applies();
            }
            else
            {
                changes.Pop();
            }
        }

        raw.sqlite3_result_int(context, isPending ? 1 : 0);
    }

    private void OnNew(sqlite3_context context, sqlite3_value[] arguments)
    {
        if (Stack(Text(arguments[0])).TryPeek(out var changes) && changes?.TryGetValue(Text(arguments[1]), out var value) == true)
        {
            SqlValues.Give(context, value);
        }
        else
        {
            SqlValues.Give(context, arguments[2]);
        }
    }

    private void OnApplied(sqlite3_context context, sqlite3_value[] arguments)
    {
        Stack(Text(arguments[0])).Pop();
        _applying = null;
        raw.sqlite3_result_null(context);
    }

    private void Refuse(sqlite3_context context, string name, string key, string why)
    {
        var message = TriggerRefusal.Failed(name, key, why);
        _ledger.Failed(name, message);
        End(context, name, ErrorCodes.TriggerFailed, message);
    }

    private void End(sqlite3_context context, string name, string code, string message)
    {
        _guests.Guests?.Fail(name, new SandboxException(code, message));
        raw.sqlite3_result_error(context, message);
    }

    // Rows of a statement come by the same trigger, one after the other.
    private TriggerCall CallOf(ReadOnlySpan<byte> head)
    {
        if (_last is null || !head.SequenceEqual(_lastHead))
        {
            var text = Encoding.UTF8.GetString(head);
            if (!_calls.TryGetValue(text, out var call))
            {
                // A schema has few triggers; those that are gone go with the rest.
                if (_calls.Count >= MaxCalls)
                {
                    _calls.Clear();
                }

                _calls.Add(text, call = JsonSerializer.Deserialize(text, SqlJsonContext.Default.TriggerCall)!);
            }

            (_last, _lastHead) = (call, head.ToArray());
        }

        return _last;
    }

    private Stack<Dictionary<string, JsonElement>?> Stack(string name)
    {
        if (!_changes.TryGetValue(name, out var stack))
        {
            _changes.Add(name, stack = new());
        }

        return stack;
    }

    // As with calls: rows come by the same trigger, one after the other.
    private Stack<Dictionary<string, JsonElement>?> StackOf(ReadOnlySpan<byte> name)
    {
        if (_lastChanges is null || !name.SequenceEqual(_lastName))
        {
            (_lastChanges, _lastName) = (Stack(Encoding.UTF8.GetString(name)), name.ToArray());
        }

        return _lastChanges;
    }

    private static string Text(sqlite3_value value) => raw.sqlite3_value_text(value).utf8_to_string() ?? "";
}
