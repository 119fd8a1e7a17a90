using System.Diagnostics.CodeAnalysis;
using HeliosEdge.Data.Databases;
using HeliosEdge.Data.Postgres.Changes;
using HeliosEdge.Data.Postgres.Triggers;
using HeliosEdge.Sandbox.Execution;
using HeliosEdge.Sandbox.HostServices.Sql;
using HeliosEdge.Sandbox.HostServices.Sql.Changes;
using HeliosEdge.Sandbox.HostServices.Sql.Functions;
using HeliosEdge.Sandbox.HostServices.Sql.Triggers;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace HeliosEdge.Data.Postgres;

/// <summary>A PostgreSQL database for statements of functions.</summary>
internal sealed class PostgresSqlDatabase : ISqlDatabase, IAsyncDisposable
{
    private readonly PostgresPool _pool;
    private readonly PostgresCapture _capture;
    private readonly string _region = "";
    private readonly ISqlFunctions? _functions;

    /// <summary>Makes it; the first statement connects.</summary>
    /// <param name="setting">The database.</param>
    /// <param name="limits">What statements may take.</param>
    /// <param name="logger">Who is told when the database cannot be used.</param>
    public PostgresSqlDatabase(DatabaseSetting setting, PostgresLimits? limits = null, ILogger? logger = null)
    {
        Name = setting.Name;
        _pool = new PostgresPool(setting, limits ?? new PostgresLimits(), logger ?? NullLogger.Instance);
        _capture = new PostgresCapture(setting);
    }

    private PostgresSqlDatabase(PostgresSqlDatabase database, string region, ISqlFunctions functions)
    {
        (Name, _pool, _capture, _region, _functions) = (database.Name, database._pool, database._capture, region, functions);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public string Kind => "postgresql";

    /// <inheritdoc/>
    public ISqlTriggers Triggers => new PostgresTriggers(Name, _pool);

    /// <summary>The pipelines of the region; null for the database of none.</summary>
    public ISqlChanges? Changes => _region.Length == 0 ? null : new PostgresChanges(Name, _capture, _region);

    /// <summary>The same database, whose triggers ask a region's functions. What it shares is disposed of with this one.</summary>
    public PostgresSqlDatabase In(string region, ISqlFunctions functions) => new(this, region, functions);

    /// <inheritdoc/>
    public SqlAnswer Run(SqlStatement statement, SqlPatience patience)
    {
        if (_pool.Enter(patience) is { } refused)
        {
            return new SqlAnswer(refused);
        }

        SqlAnswer answer;
        PostgresConnection? held;
        using (GuestThreads.Wait())
        {
            (answer, held) = RunAsync(statement, patience).GetAwaiter().GetResult();
        }

        if (held is null)
        {
            return answer;
        }

        try
        {
            return Commit(held, isJudged: false, patience) is { } error ? new SqlAnswer(error) : answer;
        }
        finally
        {
            using var waiting = GuestThreads.Wait();
            held.EndAsync().GetAwaiter().GetResult();
        }
    }

    /// <inheritdoc/>
    public bool TryBegin(SqlTerms terms, SqlPatience patience, [NotNullWhen(true)] out ISqlTransaction? transaction, [NotNullWhen(false)] out SqlError? error)
    {
        transaction = null;
        error = _pool.Enter(patience);
        if (error is not null)
        {
            return false;
        }

        using var waiting = GuestThreads.Wait();
        (var connection, error) = _pool.OpenAsync(patience).GetAwaiter().GetResult();
        if (connection is not null)
        {
            transaction = new PostgresTransaction(this, terms, connection);
            return true;
        }

        error ??= new SqlError(SqlOutcome.Unavailable, "08001", "The database cannot be reached.");
        return false;
    }

    /// <summary>Commits a transaction, once triggers have judged what it has changed.</summary>
    /// <param name="connection">Where it is.</param>
    /// <param name="isJudged">Whether there is nothing to judge, for it only reads.</param>
    /// <param name="patience">Until when somebody waits.</param>
    public SqlError? Commit(PostgresConnection connection, bool isJudged, SqlPatience patience)
    {
        if (!isJudged && (_pool.HasTriggers || connection.Captured.Count > 0))
        {
            return PostgresJudge.Commit(_pool, connection, _region, _functions, patience);
        }

        using var waiting = GuestThreads.Wait();
        return connection.CommitAsync(isJudged, patience).GetAwaiter().GetResult();
    }

    /// <summary>Closes the connections; nothing may be running in them.</summary>
    public async ValueTask DisposeAsync()
    {
        await _capture.DisposeAsync().ConfigureAwait(false);
        await _pool.DisposeAsync().ConfigureAwait(false);
    }

    /// <returns>The answer, and the connection where the statement is still to be committed.</returns>
    private async Task<(SqlAnswer Answer, PostgresConnection? Held)> RunAsync(SqlStatement statement, SqlPatience patience)
    {
        var (connection, error) = await _pool.OpenAsync(patience).ConfigureAwait(false);
        if (connection is null)
        {
            return (new SqlAnswer(error!), null);
        }

        var isHeld = false;
        try
        {
            var answer = await connection.RunAsync(statement, patience).ConfigureAwait(false);
            isHeld = connection.IsHeld && answer.Error is null;
            return (answer, isHeld ? connection : null);
        }
        finally
        {
            if (!isHeld)
            {
                await connection.EndAsync().ConfigureAwait(false);
            }
        }
    }
}
