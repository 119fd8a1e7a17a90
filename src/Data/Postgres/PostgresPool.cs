using System.Collections.Concurrent;
using HeliosEdge.Data.Databases;
using HeliosEdge.Data.Postgres.Triggers;
using HeliosEdge.Sandbox.HostServices.Sql;
using HeliosEdge.Sandbox.HostServices.Sql.Triggers;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace HeliosEdge.Data.Postgres;

/// <summary>The connections to one database: so many, and so many calls that wait for one.</summary>
internal sealed partial class PostgresPool : IAsyncDisposable
{
    /// <summary>How long it may take to tell the server to end a session that was broken off.</summary>
    private static readonly TimeSpan TerminatePatience = TimeSpan.FromSeconds(5);

    private readonly string _name;
    private readonly PostgresLimits _limits;
    private readonly ILogger _logger;
    private readonly NpgsqlDataSource _source;
    private readonly SqlPlaces _places;
    private readonly ConcurrentDictionary<Task, bool> _ends = new();
    private int _isAway;
    private volatile bool _hasTriggers = true;

    public PostgresPool(DatabaseSetting setting, PostgresLimits limits, ILogger logger)
    {
        _name = setting.Name;
        _limits = limits;
        _logger = logger;
        _places = new SqlPlaces(limits.Connections);
        var settings = new NpgsqlConnectionStringBuilder(setting.Connection.ConnectionString)
        {
            // One more, to end sessions that were broken off.
            MaxPoolSize = limits.Connections + 1,
            ApplicationName = "HeliosEdge",
            NoResetOnClose = false,
            Multiplexing = false,
            Enlist = false,
            MaxAutoPrepare = 0,

            // Also of connections that only cancel something.
            Timeout = 5,
            CommandTimeout = 5,

            // What the details name is the statement's own.
            IncludeErrorDetail = true,

            // What tells a check of HeliosEdge's own from a statement that fails in the same way.
            IncludeFailedBatchedCommand = true,

            // As the session begins, so that a reset comes back to it.
            Options = "-c TimeZone=UTC -c DateStyle=ISO -c IntervalStyle=iso_8601 -c bytea_output=hex -c extra_float_digits=1 "
                + "-c standard_conforming_strings=on -c synchronous_commit=on "
                + $"-c {PostgresTriggerSql.SessionSetting}",
        };
        var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString);
        builder.ConfigureTypeLoading(types => types.EnableTypeLoading(false));
        builder.UsePhysicalConnectionInitializer(PostgresLogin.Check, PostgresLogin.CheckAsync);
        _source = builder.Build();
    }

    public PostgresTypes Types { get; } = new();

    /// <summary>What the triggers have done.</summary>
    public TriggerLedger Ledger { get; } = new();

    /// <summary>
    /// Whether the database may have triggers. What says so when it does not costs a look before a commit, which finds it out; what says not when it does,
    /// because they were made elsewhere, is found out by <see cref="PostgresTriggerSql.Check"/>.
    /// </summary>
    public bool HasTriggers
    {
        get => _hasTriggers;
        set => _hasTriggers = value;
    }

    /// <summary>Waits for a place for a connection.</summary>
    /// <returns>Why there is none; null once there is, for <see cref="OpenAsync"/>.</returns>
    public SqlError? Enter(SqlPatience patience) => _places.Enter(patience);

    /// <summary>Opens a connection in the place that was entered; without one, the place is left again.</summary>
    public async Task<(PostgresConnection? Connection, SqlError? Error)> OpenAsync(SqlPatience patience)
    {
        try
        {
            var deadline = new PostgresDeadline(patience);
            var opening = _source.OpenConnectionAsync(deadline.Token).AsTask();
            if (!opening.IsCompleted && !await deadline.EndsAsync(opening).ConfigureAwait(false))
            {
                Keep(LeaveAsync(opening));
                return (null, PostgresErrors.OfOpening(new OperationCanceledException()));
            }

            deadline.Dispose();
            var connection = await opening.ConfigureAwait(false);
            if (Interlocked.Exchange(ref _isAway, 0) == 1)
            {
                IsBack(_name);
            }

            return (new PostgresConnection(connection, this, _limits), null);
        }
        catch (Exception e) when (PostgresErrors.IsOne(e))
        {
            _places.Leave();
            return (null, Note(PostgresErrors.OfOpening(e), e));
        }
    }

    /// <summary>Passes an error on; the operator is told, once, when the database is not there.</summary>
    public SqlError Note(SqlError error, Exception? cause)
    {
        if (error.Outcome == SqlOutcome.Unavailable && cause is not null)
        {
            // Other connections to the same server are no better, and each would fail a call.
            _source.Clear();
            if (Interlocked.Exchange(ref _isAway, 1) == 0)
            {
                IsAway(_name, cause.GetBaseException().Message);
            }
        }

        return error;
    }

    /// <summary>Leaves a place, with a connection that the next one may have.</summary>
    public async Task GiveBackAsync(NpgsqlConnection connection)
    {
        try
        {
            await connection.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (PostgresErrors.IsOne(e))
        {
            Note(PostgresErrors.Of(e), e);
        }
        finally
        {
            _places.Leave();
        }
    }

    /// <summary>
    /// Leaves a place, with a connection that nobody can have any more. The server does not notice by itself that nobody waits for a
    /// statement, and a function in the database can go on when it is cancelled; its session is ended.
    /// </summary>
    /// <param name="connection">The connection.</param>
    /// <param name="process">The number of its session.</param>
    /// <param name="rest">What is still under way, or is to be done, once the session is ended; null for nothing.</param>
    public void BreakOff(NpgsqlConnection connection, int process, Func<Task>? rest) => Keep(Task.Run(() => EndAsync(connection, process, rest)));

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_ends.Keys).ConfigureAwait(false);
        await _source.DisposeAsync().ConfigureAwait(false);
        _places.Dispose();
    }

    private void Keep(Task ending)
    {
        _ends[ending] = true;
        ending.ContinueWith(ended => _ends.TryRemove(ended, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>Leaves a place once it is settled that nobody will have a connection there.</summary>
    private async Task LeaveAsync(Task<NpgsqlConnection> opening)
    {
        try
        {
            await GiveBackAsync(await opening.ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (Exception e) when (PostgresErrors.IsOne(e))
        {
            _places.Leave();
        }
    }

    private async Task EndAsync(NpgsqlConnection connection, int process, Func<Task>? rest)
    {
        try
        {
            await TerminateAsync(process).ConfigureAwait(false);
        }
        catch (Exception e) when (PostgresErrors.IsOne(e))
        {
            IsNotEnded(_name, process, e.GetBaseException().Message);
        }

        try
        {
            if (rest is not null)
            {
                await rest().ConfigureAwait(false);
            }
        }
        catch (Exception e) when (PostgresErrors.IsOne(e))
        {
            // It ended, which is all that was waited for.
        }

        await GiveBackAsync(connection).ConfigureAwait(false);
    }

    private async Task TerminateAsync(int process)
    {
        using var end = new CancellationTokenSource(TerminatePatience);
        await using var connection = await _source.OpenConnectionAsync(end.Token).ConfigureAwait(false);
        await using var command = new NpgsqlCommand(
            "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE pid = $1 AND usename = session_user AND state <> 'idle'",
            connection)
        {
            Parameters = { new NpgsqlParameter<int> { TypedValue = process } },
        };
        await command.ExecuteNonQueryAsync(end.Token).ConfigureAwait(false);
    }

    [LoggerMessage(1, LogLevel.Error, "The database {Database} cannot be used: {Reason}")]
    private partial void IsAway(string database, string reason);

    [LoggerMessage(2, LogLevel.Information, "The database {Database} can be used again.")]
    private partial void IsBack(string database);

    [LoggerMessage(3, LogLevel.Warning, "The session {Process} of the database {Database} was broken off and could not be ended at the server: {Reason}")]
    private partial void IsNotEnded(string database, int process, string reason);
}
