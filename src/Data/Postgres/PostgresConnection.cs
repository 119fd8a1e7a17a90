using System.Data;
using System.Globalization;
using HeliosEdge.Data.Postgres.Triggers;
using HeliosEdge.Sandbox.HostServices.Sql;
using Npgsql;
using StatementType = Npgsql.StatementType;

namespace HeliosEdge.Data.Postgres;

/// <summary>
/// A connection while one statement or one transaction has it. What functions leave in a session does not reach the next one: advisory
/// locks are given back here, and all else is reset by Npgsql (<c>DISCARD ALL</c>) before the connection is used again.
/// </summary>
internal sealed class PostgresConnection
{
    private const string Commit = "COMMIT";
    private const string Unlock = "SELECT pg_catalog.pg_advisory_unlock_all()";

    private readonly NpgsqlConnection _connection;
    private readonly PostgresPool _pool;
    private readonly PostgresLimits _limits;
    private readonly int _process;
    private Func<Task>? _rest;
    private bool _isOpen;
    private bool _hasSnapshot;
    private bool _hasLocks;
    private bool _isStale;
    private int _prepared;

    public PostgresConnection(NpgsqlConnection connection, PostgresPool pool, PostgresLimits limits)
    {
        (_connection, _pool, _limits) = (connection, pool, limits);
        _process = connection.ProcessID;
        connection.Notice += (_, message) => Captured.Add(message.Notice);
    }

    /// <summary>The rows that triggers have told of in the transaction.</summary>
    public CapturedRows Captured { get; } = new();

    /// <summary>Whether the statement that was run alone is still to be judged and committed, by <see cref="PostgresJudge"/>.</summary>
    public bool IsHeld { get; private set; }

    /// <summary>True once the connection is of no more use.</summary>
    public bool IsBroken => _rest is not null || _connection.State != ConnectionState.Open;

    /// <summary>Whether a transaction is open.</summary>
    public bool HasBegun => _isOpen;

    /// <summary>Runs one statement, in a transaction of its own, which is held where triggers may have to judge it.</summary>
    public async Task<SqlAnswer> RunAsync(SqlStatement statement, SqlPatience patience)
    {
        var answer = await RunOnceAsync(statement, patience).ConfigureAwait(false);
        if (!_isStale || !await WithinAsync(RollBackAsync, patience, () => false).ConfigureAwait(false))
        {
            return answer;
        }

        // The database has got triggers since it was last looked at; nothing was done.
        _isStale = false;
        Captured.Forget(0);
        return await RunOnceAsync(statement, patience).ConfigureAwait(false);
    }

    /// <summary>Runs one statement in a transaction.</summary>
    /// <param name="pending">What the transaction has to send before.</param>
    /// <param name="statement">The statement.</param>
    /// <param name="isWriting">Whether the transaction may write.</param>
    /// <param name="patience">Until when somebody waits.</param>
    public Task<SqlAnswer> RunWithinAsync(List<string> pending, SqlStatement statement, bool isWriting, SqlPatience patience) => WithinAsync(
        token => RunPartAsync(pending, statement, isWriting, patience, token), patience, () => new SqlAnswer(Late));

    /// <summary>Runs statements of HeliosEdge's own within a transaction.</summary>
    public Task<SqlError?> RunOwnAsync(List<string> statements, SqlPatience patience) =>
        WithinAsync<SqlError?>(token => SendOwnAsync(statements, patience, token), patience, () => Late);

    /// <summary>Commits a transaction.</summary>
    /// <param name="isJudged">Whether triggers have judged it; else it is refused where the database has any.</param>
    /// <param name="patience">Until when somebody waits.</param>
    public Task<SqlError?> CommitAsync(bool isJudged, SqlPatience patience) =>
        WithinAsync<SqlError?>(token => SendCommitAsync(isJudged, patience, token), patience, () => Unknown);

    /// <summary>Has the server do what it has put off to the commit, so that all rows are told of, and gets the triggers as they are now.</summary>
    public Task<(IReadOnlyList<ServerTrigger> Triggers, SqlError? Error)> SettleAsync(SqlPatience patience) => WithinAsync<(IReadOnlyList<ServerTrigger>, SqlError?)>(
        async token =>
        {
            try
            {
                List<string> before = [Limit(patience), PostgresTriggerSql.Immediate];
                var rows = await AskOwnAsync(before, PostgresTriggerSql.Triggers, patience, token).ConfigureAwait(false);
                Captured.Check();
                return (await ServerTriggers.ReadAsync(rows, _pool, _connection, token).ConfigureAwait(false), null);
            }
            catch (Exception e) when (PostgresErrors.IsOne(e))
            {
                return ([], Noted(e));
            }
        },
        patience,
        () => ([], Late));

    /// <summary>Changes rows one by one.</summary>
    /// <param name="updates">Statements that each return the row that they have changed.</param>
    /// <param name="patience">Until when somebody waits.</param>
    /// <returns>The rows, null for one that is not there; or why it failed, and at which statement, where that is known.</returns>
    public Task<(IReadOnlyList<string?> Rows, SqlError? Error, NpgsqlBatchCommand? Failed)> ChangeRowsAsync(IReadOnlyList<NpgsqlBatchCommand> updates, SqlPatience patience) => WithinAsync<(IReadOnlyList<string?>, SqlError?, NpgsqlBatchCommand?)>(
        async token =>
        {
            try
            {
                List<string?> rows = [];
                List<NpgsqlBatchCommand> commands = [new(Limit(patience)), .. PostgresTriggerSql.PlainValues.Select(own => new NpgsqlBatchCommand(own)), .. updates];
                await using var batch = PostgresBatch.Of(_connection, commands, patience.Remaining + PostgresDeadline.Grace);
                await using var reader = await batch.ExecuteReaderAsync(token).ConfigureAwait(false);
                do
                {
                    rows.Add(await reader.ReadAsync(token).ConfigureAwait(false) ? reader.GetString(0) : null);
                }
                while (await reader.NextResultAsync(token).ConfigureAwait(false));
                Captured.Check();
                return (rows, null, null);
            }
            catch (Exception e) when (PostgresErrors.IsOne(e))
            {
                return ([], Noted(e), (e as NpgsqlException)?.BatchCommand as NpgsqlBatchCommand);
            }
        },
        patience,
        () => ([], Late, null));

    /// <summary>Does something of HeliosEdge's own in a transaction, and commits it.</summary>
    /// <exception cref="Sandbox.SandboxException">What <paramref name="work"/> throws; nothing is committed.</exception>
    public Task<(T? Value, SqlError? Error)> ChangeAsync<T>(Func<NpgsqlConnection, CancellationToken, Task<T>> work, SqlPatience patience) => WithinAsync(
        async token =>
        {
            try
            {
                _isOpen = true;
                await SendAsync(["BEGIN", Limit(patience)], null, [], PostgresReply.None, patience, token).ConfigureAwait(false);
                var value = await work(_connection, token).ConfigureAwait(false);
                return ((T?)value, await SendCommitAsync(isJudged: true, patience, token).ConfigureAwait(false));
            }
            catch (Exception e) when (PostgresErrors.IsOne(e))
            {
                return (default, Noted(e));
            }
        },
        patience,
        () => (default(T), Unknown));

    private Task<SqlAnswer> RunOnceAsync(SqlStatement statement, SqlPatience patience) => WithinAsync(
        token => RunAloneAsync(statement, patience, token), patience, () => new SqlAnswer(statement.Access == SqlAccess.Write ? Unknown : Late));

    private async Task<SqlAnswer> RunAloneAsync(SqlStatement statement, SqlPatience patience, CancellationToken cancellationToken)
    {
        // A result may turn out to be beyond the caps only when all of it is read, and must not be committed then.
        var isCommittedAlong = false;
        try
        {
            var text = TextOf(statement, out var parameters);
            var isRead = statement.Access == SqlAccess.Read;
            var isHeld = !isRead && _pool.HasTriggers;
            var changesObjects = !isRead && PostgresRules.ChangesObjects(text);
            isCommittedAlong = isRead || (!isHeld && text.Words[0] is not ("SELECT" or "WITH" or "VALUES" or "TABLE" or "EXPLAIN") && !text.HasReturning);
            List<string> before = [isRead ? "BEGIN READ ONLY" : "BEGIN", Limit(patience)];
            string[] end = isRead ? [Commit, Unlock] : [PostgresTriggerSql.Immediate, PostgresTriggerSql.Check, Commit, Unlock];
            _isOpen = true;
            string? state = null;
            if (changesObjects && isHeld)
            {
                state = await StateAsync(before, patience, cancellationToken).ConfigureAwait(false);
                before.Add(Limit(patience));
            }
            else if (changesObjects)
            {
                before.Add(PostgresTriggerSql.Check);
            }

            var types = await AskAsync(before, text, parameters, patience, cancellationToken).ConfigureAwait(false);
            var main = Make(text, parameters, types);
            var reply = isRead ? PostgresReply.Rows : isCommittedAlong ? PostgresReply.None : PostgresReply.PerhapsRows;
            var result = await SendAsync(before, main, isCommittedAlong ? end : [], reply, patience, cancellationToken).ConfigureAwait(false);
            _isOpen = !isCommittedAlong;
            var json = await ToJsonAsync(result, isRead, cancellationToken).ConfigureAwait(false);
            await RequireSameAsync(state, patience, cancellationToken).ConfigureAwait(false);
            Captured.Check();
            if (isHeld)
            {
                IsHeld = true;
            }
            else if (!isCommittedAlong)
            {
                isCommittedAlong = true;
                await SendAsync([], null, end, PostgresReply.None, patience, cancellationToken).ConfigureAwait(false);
                _isOpen = false;
            }

            return new SqlAnswer(json);
        }
        catch (Exception e) when (PostgresErrors.IsOne(e))
        {
            return new SqlAnswer(statement.Access == SqlAccess.Write && isCommittedAlong && IsBroken ? _pool.Note(Unknown, e) : Noted(e));
        }
    }

    private async Task<SqlAnswer> RunPartAsync(List<string> pending, SqlStatement statement, bool isWriting, SqlPatience patience, CancellationToken cancellationToken)
    {
        try
        {
            var text = TextOf(statement, out var parameters);
            var isRead = statement.Access == SqlAccess.Read;

            // In a transaction that writes, a statement that only reads is a part of its own: what makes a transaction read only cannot be
            // taken back within it, other than by rolling back to before, which undoes nothing here but settings. And the statement cannot
            // take it back itself: the server lets nobody out of "read only" within a part.
            var isPart = isRead && isWriting;
            List<string> before = [.. pending];
            if (isPart && !_hasSnapshot)
            {
                // What is read only when it takes its snapshot is so for all of a serializable transaction, and what it writes later would
                // conflict with nothing. This takes one, does nothing else, and returns no rows.
                before.Add("DEALLOCATE ALL");
            }

            string? state = null;
            string[] after = isPart ? ["ROLLBACK TO SAVEPOINT helios_read", "RELEASE SAVEPOINT helios_read"] : [];
            var changesObjects = !isRead && PostgresRules.ChangesObjects(text);
            if (changesObjects && _pool.HasTriggers)
            {
                pending.Clear();
                _isOpen = true;
                before.Add(Limit(patience));
                state = await StateAsync(before, patience, cancellationToken).ConfigureAwait(false);
            }
            else if (changesObjects)
            {
                // What drops the function leaves nothing behind that could be seen afterwards.
                before.AddRange(text.Words is [_, "SCHEMA", ..] ? [.. PostgresTriggerSql.Hear, PostgresTriggerSql.Check] : [PostgresTriggerSql.Check]);
                after = [PostgresTriggerSql.Check];
            }

            before.AddRange(isPart ? ["SAVEPOINT helios_read", "SET LOCAL transaction_read_only = on", Limit(patience)] : [Limit(patience)]);
            if (parameters.HasArray)
            {
                pending.Clear();
                _isOpen = true;
            }

            var types = await AskAsync(before, text, parameters, patience, cancellationToken).ConfigureAwait(false);
            var main = Make(text, parameters, types);
            pending.Clear();
            _isOpen = true;
            var reply = isRead ? PostgresReply.Rows : changesObjects ? PostgresReply.None : PostgresReply.PerhapsRows;
            var result = await SendAsync(before, main, after, reply, patience, cancellationToken).ConfigureAwait(false);
            _hasSnapshot = true;
            await RequireSameAsync(state, patience, cancellationToken).ConfigureAwait(false);
            Captured.Check();
            return new SqlAnswer(await ToJsonAsync(result, isRead, cancellationToken).ConfigureAwait(false));
        }
        catch (Exception e) when (PostgresErrors.IsOne(e))
        {
            return new SqlAnswer(Noted(e));
        }
    }

    private async Task<SqlError?> SendOwnAsync(List<string> statements, SqlPatience patience, CancellationToken cancellationToken)
    {
        try
        {
            _isOpen = true;
            await SendAsync([.. statements], null, [], PostgresReply.None, patience, cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (Exception e) when (PostgresErrors.IsOne(e))
        {
            return Noted(e);
        }
    }

    private async Task<SqlError?> SendCommitAsync(bool isJudged, SqlPatience patience, CancellationToken cancellationToken)
    {
        try
        {
            string[] end = isJudged ? [Commit, Unlock] : [PostgresTriggerSql.Immediate, PostgresTriggerSql.Check, Commit, Unlock];
            await SendAsync([Limit(patience)], null, end, PostgresReply.None, patience, cancellationToken).ConfigureAwait(false);
            _isOpen = false;
            return null;
        }
        catch (Exception e) when (PostgresErrors.IsOne(e))
        {
            return IsBroken ? _pool.Note(Unknown, e) : Noted(e);
        }
    }

    /// <summary>Rolls back what is open and gives the connection back; what does not answer is broken off. Does not throw.</summary>
    public async Task EndAsync()
    {
        if (!IsBroken && (_isOpen || _hasLocks))
        {
            await WithinAsync(RollBackAsync, SqlPatience.For(PostgresDeadline.Grace, CancellationToken.None), () => false).ConfigureAwait(false);
        }

        if (IsBroken || _isOpen || _hasLocks)
        {
            _pool.BreakOff(_connection, _process, _rest);
        }
        else
        {
            await _pool.GiveBackAsync(_connection).ConfigureAwait(false);
        }
    }

    private static SqlError Late => PostgresErrors.Of(new OperationCanceledException());

    private static SqlError Unknown => new(
        SqlOutcome.Unavailable, "08007", "The connection to the database broke during the commit; it is not known whether it was carried out.");

    /// <summary>Does something until nobody waits any more; what does not end then is left to itself, and with it the connection.</summary>
    private async Task<T> WithinAsync<T>(Func<CancellationToken, Task<T>> run, SqlPatience patience, Func<T> late)
    {
        var deadline = new PostgresDeadline(patience);
        var running = run(deadline.Token);
        if (running.IsCompleted || await deadline.EndsAsync(running).ConfigureAwait(false))
        {
            deadline.Dispose();
            return await running.ConfigureAwait(false);
        }

        _rest = () => running;
        return late();
    }

    /// <returns>Whether it was done; what is not rolled back is broken off.</returns>
    private async Task<bool> RollBackAsync(CancellationToken cancellationToken)
    {
        try
        {
            var patience = SqlPatience.For(PostgresDeadline.Grace, cancellationToken);
            await SendAsync([], null, ["ROLLBACK", Unlock], PostgresReply.None, patience, cancellationToken).ConfigureAwait(false);
            _isOpen = _hasLocks = false;
            return true;
        }
        catch (Exception e) when (PostgresErrors.IsOne(e))
        {
            _pool.Note(PostgresErrors.Of(e), e);
            return false;
        }
    }

    private SqlError Noted(Exception e)
    {
        if (e is not NpgsqlException { BatchCommand.CommandText: PostgresTriggerSql.Check })
        {
            return _pool.Note(PostgresErrors.Of(e), IsBroken ? e : null);
        }

        _pool.HasTriggers = true;
        _isStale = true;
        return new SqlError(SqlOutcome.Conflict, "40001", "The database has got triggers meanwhile, which have not judged the transaction; nothing was done.");
    }

    private async Task<string> StateAsync(List<string> before, SqlPatience patience, CancellationToken cancellationToken) =>
        (await AskOwnAsync(before, PostgresTriggerSql.State, patience, cancellationToken).ConfigureAwait(false))[0][0]!;

    /// <summary>Refuses a statement after which triggers, or the tables that have them, are not what they were.</summary>
    private async Task RequireSameAsync(string? state, SqlPatience patience, CancellationToken cancellationToken)
    {
        if (state is not null && await StateAsync([Limit(patience)], patience, cancellationToken).ConfigureAwait(false) != state)
        {
            throw new StatementException(
                SqlOutcome.Failed, "42501", "The statement changes a table that has triggers of HeliosEdge, or the triggers, which statements of functions cannot.");
        }
    }

    /// <summary>Sends what is to be sent before, and reads the rows of a query of HeliosEdge's own.</summary>
    private async Task<List<string?[]>> AskOwnAsync(List<string> before, string query, SqlPatience patience, CancellationToken cancellationToken)
    {
        List<NpgsqlBatchCommand> commands = [.. before.Select(own => new NpgsqlBatchCommand(own)), new(query)];
        before.Clear();
        await using var batch = PostgresBatch.Of(_connection, commands, patience.Remaining + PostgresDeadline.Grace);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        List<string?[]> rows = [];
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(column => reader.IsDBNull(column) ? null : reader.GetString(column))]);
        }

        return rows;
    }

    private static PostgresText TextOf(SqlStatement statement, out PostgresParameters parameters)
    {
        var text = new PostgresText(statement.Text);
        PostgresRules.Require(text, statement.Access);
        parameters = PostgresParameters.Of(statement.Parameters, text.Parameters);
        return text;
    }

    /// <summary>A limit of the server's own, should the word of the deadline not reach it. It counts from here on, for the next statement.</summary>
    private static string Limit(SqlPatience patience)
    {
        var milliseconds = Math.Clamp(Math.Ceiling(patience.Remaining.TotalMilliseconds), 1, int.MaxValue);
        return string.Create(CultureInfo.InvariantCulture, $"SET LOCAL statement_timeout = {milliseconds:0}");
    }

    private static NpgsqlBatchCommand Make(PostgresText text, PostgresParameters parameters, PostgresType[]? types)
    {
        var command = new NpgsqlBatchCommand(text.Statement);
        foreach (var parameter in parameters.Make(types))
        {
            command.Parameters.Add(parameter);
        }

        return command;
    }

    /// <summary>Asks the server what the parameters of a statement are, where that matters; sends what is to be sent before.</summary>
    private async Task<PostgresType[]?> AskAsync(
        List<string> before, PostgresText text, PostgresParameters parameters, SqlPatience patience, CancellationToken cancellationToken)
    {
        if (!parameters.HasArray)
        {
            return null;
        }

        var name = $"helios{++_prepared}";
        var prefix = $"PREPARE {name} AS ";
        List<NpgsqlBatchCommand> commands =
        [
            .. before.Select(own => new NpgsqlBatchCommand(own)),
            new(prefix + text.Statement),
            new($"SELECT pg_catalog.array_to_string(parameter_types::pg_catalog.oid[], ',') FROM pg_catalog.pg_prepared_statements WHERE name = '{name}'"),
            new($"DEALLOCATE {name}"),
        ];
        before.Clear();
        var types = "";
        try
        {
            await using var batch = PostgresBatch.Of(_connection, commands, patience.Remaining + PostgresDeadline.Grace);
            await using var reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                types = reader.GetString(0);
            }

            while (await reader.NextResultAsync(cancellationToken).ConfigureAwait(false))
            {
            }
        }
        catch (PostgresException e) when (e.Position > prefix.Length)
        {
            var error = PostgresErrors.Of(e);
            throw new StatementException(error with { Position = e.Position - prefix.Length });
        }

        var numbers = types.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(number => uint.Parse(number, CultureInfo.InvariantCulture)).ToArray();
        return await _pool.Types.FindAsync(_connection, numbers, cancellationToken).ConfigureAwait(false);
    }

    private async Task<(PostgresRows? Rows, long Affected)> SendAsync(
        List<string> before, NpgsqlBatchCommand? main, string[] after, PostgresReply reply, SqlPatience patience, CancellationToken cancellationToken)
    {
        List<NpgsqlBatchCommand> commands = [.. before.Select(own => new NpgsqlBatchCommand(own))];
        if (main is not null)
        {
            commands.Add(main);
        }

        commands.AddRange(after.Select(own => new NpgsqlBatchCommand(own)));
        before.Clear();
        await using var batch = PostgresBatch.Of(_connection, commands, patience.Remaining + PostgresDeadline.Grace);
        NpgsqlDataReader? reader = null;
        PostgresRows? rows = null;
        try
        {
            reader = await batch.ExecuteReaderAsync(CommandBehavior.SequentialAccess, cancellationToken).ConfigureAwait(false);
            if (reply == PostgresReply.Rows || (reply == PostgresReply.PerhapsRows && reader.FieldCount > 0))
            {
                rows = new PostgresRows(_limits);
                await rows.ReadAsync(reader, cancellationToken).ConfigureAwait(false);
            }

            while (await reader.NextResultAsync(cancellationToken).ConfigureAwait(false))
            {
            }

            await reader.DisposeAsync().ConfigureAwait(false);
        }
        catch (StatementException) when (rows is { EndedAtHugeValue: true })
        {
            // The server would send all of it, whatever it is told, and it would have to be read; its session is ended instead.
            _rest = () => reader!.DisposeAsync().AsTask();
            throw;
        }
        catch (StatementException)
        {
            await DrainAsync(batch, reader!).ConfigureAwait(false);
            throw;
        }
        catch (Exception e) when (PostgresErrors.IsOne(e))
        {
            if (reader is not null)
            {
                await DrainAsync(null, reader).ConfigureAwait(false);
            }

            if (!commands.Any(command => command.CommandText == Commit && command.StatementType != StatementType.Unknown))
            {
                throw;
            }

            // The server has said that it was committed. What was cut short is that locks are given back.
            _hasLocks = true;
        }

        var isChange = main?.StatementType is StatementType.Insert or StatementType.Update or StatementType.Delete or StatementType.Merge;
        return (rows, isChange ? (long)main!.Rows : 0);
    }

    /// <summary>Ends a reader that was not read to its end; one that goes on for long is left to itself, with its connection.</summary>
    private async Task DrainAsync(NpgsqlBatch? running, NpgsqlDataReader reader)
    {
        var draining = Task.Run(async () =>
        {
            running?.Cancel();
            await reader.DisposeAsync().ConfigureAwait(false);
        });
        try
        {
            await draining.WaitAsync(PostgresDeadline.Grace).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            _rest = () => draining;
        }
        catch (Exception e) when (PostgresErrors.IsOne(e))
        {
            // The statement that was cancelled says so; why it was is on its way to the caller.
        }
    }

    private async Task<byte[]> ToJsonAsync((PostgresRows? Rows, long Affected) result, bool isRead, CancellationToken cancellationToken)
    {
        if (result.Rows is not { } rows)
        {
            return isRead ? new PostgresRows(_limits).ToJson([], null) : SqlResult.OfChange(result.Affected, 0);
        }

        return rows.ToJson(await _pool.Types.FindAsync(_connection, rows.Types, cancellationToken).ConfigureAwait(false), isRead ? null : result.Affected);
    }
}
