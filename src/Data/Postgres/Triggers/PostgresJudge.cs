using System.Buffers;
using System.Text.Json;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Execution;
using HeliosEdge.Sandbox.HostServices.Sql;
using HeliosEdge.Sandbox.HostServices.Sql.Functions;
using HeliosEdge.Sandbox.HostServices.Sql.Triggers;
using Npgsql;

namespace HeliosEdge.Data.Postgres.Triggers;

/// <summary>
/// Has guests judge the rows of a transaction before it is committed. What a guest makes of a row is written at once for the guests of after events, and
/// what that changes elsewhere is judged in the next round.
/// </summary>
/// <param name="pool">The database.</param>
/// <param name="connection">The transaction, in which no statement of others runs any more.</param>
/// <param name="guests">Who judges; null where nobody can.</param>
/// <param name="patience">Until when somebody waits.</param>
internal sealed class PostgresJudge(PostgresPool pool, PostgresConnection connection, StatementGuests? guests, SqlPatience patience)
{
    private const int MaxChangesAtOnce = 500;

    private readonly ArrayBufferWriter<byte> _payload = new();
    private readonly Dictionary<(uint Table, string Name), ServerTrigger> _triggers = [];
    private readonly Dictionary<(uint Table, string Row), string> _made = [];
    private readonly OrderedDictionary<(uint Table, string Row), RowChange> _changes = [];
    private readonly List<CapturedRow> _next = [];
    private string _at = "";

    /// <summary>Judges the transaction and commits it.</summary>
    /// <returns>Why it is not to be committed, or could not be; null once it is.</returns>
    public static SqlError? Commit(PostgresPool pool, PostgresConnection connection, string region, ISqlFunctions? functions, SqlPatience patience)
    {
        IReadOnlyList<ServerTrigger> triggers;
        SqlError? error;
        using (GuestThreads.Wait())
        {
            (triggers, error) = connection.SettleAsync(patience).GetAwaiter().GetResult();
        }

        if (error is null && connection.Captured.Count > 0)
        {
            using var guests = functions is null ? null : new StatementGuests(functions, region, patience);
            error = new PostgresJudge(pool, connection, guests, patience).Judge(triggers);
        }

        if (error is not null)
        {
            return error;
        }

        using var waiting = GuestThreads.Wait();
        return connection.CommitAsync(isJudged: true, patience).GetAwaiter().GetResult();
    }

    private SqlError? Judge(IReadOnlyList<ServerTrigger> triggers)
    {
        foreach (var trigger in triggers)
        {
            _triggers[(trigger.Table, trigger.Name)] = trigger;
        }

        _at = TriggerEvents.Moment();
        CapturedRow[] rows = connection.Captured.Take();
        for (var round = 1; rows.Length > 0; round++)
        {
            if (round > SqlLimits.MaxTriggerDepth)
            {
                return new SqlError(SqlOutcome.Failed, "54001", $"Triggers caused each other more than {SqlLimits.MaxTriggerDepth} levels deep.") { Code = ErrorCodes.TriggerDepthExceeded };
            }

            if ((JudgeRows(rows, isBefore: true) ?? WriteChanges() ?? JudgeRows(rows, isBefore: false)) is { } error)
            {
                return error;
            }

            rows = [.. _next];
            _next.Clear();
            _made.Clear();
        }

        return null;
    }

    private SqlError? JudgeRows(CapturedRow[] rows, bool isBefore)
    {
        foreach (var row in rows)
        {
            if (!_triggers.TryGetValue((row.Table, row.Trigger), out var trigger))
            {
                // A snapshot from before the trigger was made.
                return new SqlError(SqlOutcome.Conflict, "40001", "The database has got triggers since the transaction began; nothing was done.");
            }

            if (trigger.Event.StartsWith("before", StringComparison.Ordinal) != isBefore)
            {
                continue;
            }

            if (JudgeRow(trigger, isBefore ? row : row with { New = _made.GetValueOrDefault((row.Table, row.New), row.New) }) is { } error)
            {
                return error;
            }
        }

        return null;
    }

    private SqlError? JudgeRow(ServerTrigger trigger, CapturedRow row)
    {
        var name = trigger.Definition.Name;
        var key = "";
        List<string?>? now;
        pool.Ledger.Fired(name);
        try
        {
            var old = TriggerEvents.HasOld(trigger.Event) ? trigger.Read(row.Old) : null;
            now = TriggerEvents.HasNew(trigger.Event) ? trigger.Read(row.New) : null;
            key = trigger.KeyOf((now ?? old)!);
            WritePayload(trigger, old, now);
        }
        catch (FormatException e)
        {
            return Refuse(name, key, $"{e.Message}.");
        }

        if (guests is null)
        {
            return Refuse(name, key, "there is no function to ask here.");
        }

        if (!guests.TryCall(trigger.Definition.Function, _payload.WrittenSpan, out var answer))
        {
            return Refuse(name, key, guests.TakeFailure()!.Message);
        }

        var verdict = TriggerVerdict.Read(answer, TriggerEvents.MayChange(trigger.Event) ? trigger.Changeable : null, out var fault);
        if (verdict is null)
        {
            return Refuse(name, key, fault!);
        }

        if (!verdict.IsAllowed)
        {
            var message = TriggerRefusal.Rejected(name, key, verdict.Reason);
            pool.Ledger.Rejected(name, message);
            return new SqlError(SqlOutcome.Failed, "38000", message) { Code = ErrorCodes.TriggerRejected };
        }

        return verdict.New is { } changed ? Change(trigger, row.New, now!, key, changed) : null;
    }

    private void WritePayload(ServerTrigger trigger, List<string?>? old, List<string?>? now)
    {
        _payload.ResetWrittenCount();
        using var writer = new Utf8JsonWriter(_payload, new JsonWriterOptions { SkipValidation = true });
        writer.WriteStartObject();
        writer.WriteString("trigger", trigger.Definition.Name);
        writer.WriteString("event", trigger.Event);
        writer.WriteString("table", trigger.Definition.Table);
        writer.WritePropertyName("old");
        trigger.Write(writer, old);
        writer.WritePropertyName("new");
        trigger.Write(writer, now);
        writer.WriteString("at", _at);
        writer.WriteEndObject();
    }

    /// <summary>Notes what is to become of a row. Where two guests change the same column, the one that was asked last is heeded.</summary>
    private SqlError? Change(ServerTrigger trigger, string text, List<string?> row, string key, Dictionary<string, JsonElement> changed)
    {
        if (!trigger.HasKey)
        {
            return Refuse(trigger.Definition.Name, key, "its function answered \"new\", and the table has no primary key by which the row could be changed.");
        }

        if (!_changes.TryGetValue((trigger.Table, text), out var change))
        {
            if (_changes.Count == MaxChangesAtOnce && WriteChanges() is { } error)
            {
                return error;
            }

            _changes.Add((trigger.Table, text), change = new RowChange(trigger, row, key));
        }

        try
        {
            foreach (var (name, value) in changed)
            {
                change.Set(trigger, name, value);
            }

            return null;
        }
        catch (StatementException e)
        {
            return Refuse(trigger.Definition.Name, key, $"its function answered \"new\" with a value that its column cannot have: {e.Message}");
        }
    }

    /// <summary>Writes what guests have made of rows. That is not judged again; what it causes elsewhere is.</summary>
    private SqlError? WriteChanges()
    {
        if (_changes.Count == 0)
        {
            return null;
        }

        IReadOnlyList<string?> rows;
        SqlError? error;
        NpgsqlBatchCommand? failed;
        using (GuestThreads.Wait())
        {
            (rows, error, failed) = connection.ChangeRowsAsync([.. _changes.Values.Select(change => change.ToUpdate())], patience).GetAwaiter().GetResult();
        }

        if (error is not null)
        {
            var change = _changes.Values.FirstOrDefault(change => change.ToUpdate() == failed) ?? _changes.GetAt(0).Value;
            return error.Outcome == SqlOutcome.Failed
                ? Refuse(change.LastTrigger, change.Key, $"what its function made of it cannot be written: {error.Message}", error.State)
                : error;
        }

        var own = new HashSet<(uint, string)>();
        for (var i = 0; i < _changes.Count; i++)
        {
            var (row, change) = _changes.GetAt(i);
            own.Add((row.Table, change.Identity));
            if (rows[i] is { } made)
            {
                _made[row] = made;
            }
        }

        _changes.Clear();
        var seen = new HashSet<(string, uint, string)>();
        foreach (var row in connection.Captured.Take())
        {
            if (IdentityBefore(row) is { } identity && own.Contains((row.Table, identity)) && seen.Add((row.Trigger, row.Table, identity)))
            {
                continue;
            }

            _next.Add(row);
        }

        return null;
    }

    private string? IdentityBefore(CapturedRow row) =>
        row is { Old.Length: > 0, New.Length: > 0 } && _triggers.TryGetValue((row.Table, row.Trigger), out var trigger) ? trigger.IdentityOf(trigger.Read(row.Old)) : null;

    private SqlError Refuse(string name, string key, string why, string state = "38000")
    {
        var message = TriggerRefusal.Failed(name, key, why);
        pool.Ledger.Failed(name, message);
        return new SqlError(SqlOutcome.Failed, state, message) { Code = ErrorCodes.TriggerFailed };
    }
}
