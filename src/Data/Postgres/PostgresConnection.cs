using System.Data;
using System.Globalization;
using HeliosEdge.Sandbox.HostServices.Sql;
using Npgsql;
using StatementType = Npgsql.StatementType;

namespace HeliosEdge.Data.Postgres;

/// <summary>
/// A connection while one statement or one transaction has it. What functions leave in a session does not reach the next one: advisory
/// locks are given back here, and all else is reset by Npgsql (<c>DISCARD ALL</c>) before the connection is used again.
/// </summary>
internal sealed class PostgresConnection(NpgsqlConnection connection, PostgresPool pool, PostgresLimits limits)
{
    private const string Commit = "COMMIT";
    private const string Unlock = "SELECT pg_catalog.pg_advisory_unlock_all()";

    private readonly int _process = connection.ProcessID;
    private Func<Task>? _rest;
    private bool _isOpen;
    private bool _hasSnapshot;
    private bool _hasLocks;
    private int _prepared;

    /// <summary>True once the connection is of no more use.</summary>
    public bool IsBroken => _rest is not null || connection.State != ConnectionState.Open;

    /// <summary>Whether a transaction is open.</summary>
    public bool HasBegun => _isOpen;

    /// <summary>Runs one statement, in a transaction of its own.</summary>
    public Task<SqlAnswer> RunAsync(SqlStatement statement, SqlPatience patience) => WithinAsync(
        token => RunAloneAsync(statement, patience, token), patience, () => new SqlAnswer(statement.Access == SqlAccess.Write ? Unknown : Late));

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
    public Task<SqlError?> CommitAsync(SqlPatience patience) =>
        WithinAsync<SqlError?>(token => SendCommitAsync(patience, token), patience, () => Unknown);

    private async Task<SqlAnswer> RunAloneAsync(SqlStatement statement, SqlPatience patience, CancellationToken cancellationToken)
    {
        // A result may turn out to be beyond the caps only when all of it is read, and must not be committed then.
        var isCommittedAlong = false;
        try
        {
            var text = TextOf(statement, out var parameters);
            var isRead = statement.Access == SqlAccess.Read;
            isCommittedAlong = isRead || (text.Words[0] is not ("SELECT" or "WITH" or "VALUES" or "TABLE" or "EXPLAIN") && !text.HasReturning);
            List<string> before = [isRead ? "BEGIN READ ONLY" : "BEGIN", Limit(patience)];
            _isOpen = true;
            var types = await AskAsync(before, text, parameters, patience, cancellationToken).ConfigureAwait(false);
            var main = Make(text, parameters, types);
            var reply = isRead ? PostgresReply.Rows : isCommittedAlong ? PostgresReply.None : PostgresReply.PerhapsRows;
            var result = await SendAsync(before, main, isCommittedAlong ? [Commit, Unlock] : [], reply, patience, cancellationToken).ConfigureAwait(false);
            _isOpen = !isCommittedAlong;
            var json = await ToJsonAsync(result, isRead, cancellationToken).ConfigureAwait(false);
            if (!isCommittedAlong)
            {
                isCommittedAlong = true;
                await SendAsync([], null, [Commit, Unlock], PostgresReply.None, patience, cancellationToken).ConfigureAwait(false);
                _isOpen = false;
            }

            return new SqlAnswer(json);
        }
        catch (Exception e) when (PostgresErrors.IsOne(e))
        {
            return new SqlAnswer(pool.Note(statement.Access == SqlAccess.Write && isCommittedAlong && IsBroken ? Unknown : PostgresErrors.Of(e), IsBroken ? e : null));
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
            string[] after = isPart ? ["ROLLBACK TO SAVEPOINT helios_read", "RELEASE SAVEPOINT helios_read"] : [];
            var reply = isRead ? PostgresReply.Rows : PostgresReply.PerhapsRows;
            var result = await SendAsync(before, main, after, reply, patience, cancellationToken).ConfigureAwait(false);
            _hasSnapshot = true;
            return new SqlAnswer(await ToJsonAsync(result, isRead, cancellationToken).ConfigureAwait(false));
        }
        catch (Exception e) when (PostgresErrors.IsOne(e))
        {
            return new SqlAnswer(pool.Note(PostgresErrors.Of(e), IsBroken ? e : null));
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
            return pool.Note(PostgresErrors.Of(e), IsBroken ? e : null);
        }
    }

    private async Task<SqlError?> SendCommitAsync(SqlPatience patience, CancellationToken cancellationToken)
    {
        try
        {
            await SendAsync([Limit(patience)], null, [Commit, Unlock], PostgresReply.None, patience, cancellationToken).ConfigureAwait(false);
            _isOpen = false;
            return null;
        }
        catch (Exception e) when (PostgresErrors.IsOne(e))
        {
            return pool.Note(IsBroken ? Unknown : PostgresErrors.Of(e), IsBroken ? e : null);
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
            pool.BreakOff(connection, _process, _rest);
        }
        else
        {
            await pool.GiveBackAsync(connection).ConfigureAwait(false);
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
            pool.Note(PostgresErrors.Of(e), e);
            return false;
        }
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
            await using var batch = PostgresBatch.Of(connection, commands, patience.Remaining + PostgresDeadline.Grace);
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
        return await pool.Types.FindAsync(connection, numbers, cancellationToken).ConfigureAwait(false);
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
        await using var batch = PostgresBatch.Of(connection, commands, patience.Remaining + PostgresDeadline.Grace);
        NpgsqlDataReader? reader = null;
        PostgresRows? rows = null;
        try
        {
            reader = await batch.ExecuteReaderAsync(CommandBehavior.SequentialAccess, cancellationToken).ConfigureAwait(false);
            if (reply == PostgresReply.Rows || (reply == PostgresReply.PerhapsRows && reader.FieldCount > 0))
            {
                rows = new PostgresRows(limits);
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
            return isRead ? new PostgresRows(limits).ToJson([], null) : SqlResult.OfChange(result.Affected, 0);
        }

        return rows.ToJson(await pool.Types.FindAsync(connection, rows.Types, cancellationToken).ConfigureAwait(false), isRead ? null : result.Affected);
    }
}
