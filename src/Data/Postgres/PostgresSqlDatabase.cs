using System.Diagnostics.CodeAnalysis;
using HeliosEdge.Data.Databases;
using HeliosEdge.Sandbox.Execution;
using HeliosEdge.Sandbox.HostServices.Sql;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace HeliosEdge.Data.Postgres;

/// <summary>A PostgreSQL database for statements of functions.</summary>
internal sealed class PostgresSqlDatabase : ISqlDatabase, IAsyncDisposable
{
    private readonly PostgresPool _pool;

    /// <summary>Makes it; the first statement connects.</summary>
    /// <param name="setting">The database.</param>
    /// <param name="limits">What statements may take.</param>
    /// <param name="logger">Who is told when the database cannot be used.</param>
    public PostgresSqlDatabase(DatabaseSetting setting, PostgresLimits? limits = null, ILogger? logger = null)
    {
        Name = setting.Name;
        _pool = new PostgresPool(setting, limits ?? new PostgresLimits(), logger ?? NullLogger.Instance);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public string Kind => "postgresql";

    /// <inheritdoc/>
    public SqlAnswer Run(SqlStatement statement, SqlPatience patience)
    {
        if (_pool.Enter(patience) is { } refused)
        {
            return new SqlAnswer(refused);
        }

        using var waiting = GuestThreads.Wait();
        return RunAsync(statement, patience).GetAwaiter().GetResult();
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

    /// <summary>Closes the connections; nothing may be running in them.</summary>
    public ValueTask DisposeAsync() => _pool.DisposeAsync();

    private async Task<SqlAnswer> RunAsync(SqlStatement statement, SqlPatience patience)
    {
        var (connection, error) = await _pool.OpenAsync(patience).ConfigureAwait(false);
        if (connection is null)
        {
            return new SqlAnswer(error!);
        }

        try
        {
            return await connection.RunAsync(statement, patience).ConfigureAwait(false);
        }
        finally
        {
            await connection.EndAsync().ConfigureAwait(false);
        }
    }
}
