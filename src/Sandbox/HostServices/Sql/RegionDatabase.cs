using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using HeliosEdge.Sandbox.HostServices.Sql.Changes;
using HeliosEdge.Sandbox.HostServices.Sql.Functions;
using HeliosEdge.Sandbox.HostServices.Sql.Triggers;
using HeliosEdge.Sandbox.Security;

namespace HeliosEdge.Sandbox.HostServices.Sql;

/// <summary>The SQLite database of a region: one connection that writes, and some that only read.</summary>
internal sealed class RegionDatabase : ISqlDatabase, IDisposable
{
    private readonly ConnectionPool _readers;
    private readonly ConnectionPool _writer;
    private readonly SqliteChanges _changes;

    public RegionDatabase(string path, string region, SqlLimits limits, int readers, ISqlFunctions? functions)
    {
        (Path, Region) = (path, region);
        var ledger = new TriggerLedger();
        _readers = new ConnectionPool(readers, () => new RegionConnection(path, region, limits, isReader: true, functions, ledger, Signal));
        _writer = new ConnectionPool(1, () => new RegionConnection(path, region, limits, isReader: false, functions, ledger, Signal));
        Triggers = new SqliteTriggers(this, ledger);
        _changes = new SqliteChanges(this);
    }

    /// <summary>Its file.</summary>
    public string Path { get; }

    /// <summary>The region that it is of.</summary>
    public string Region { get; }

    /// <summary>Raised when changes for pipelines were committed.</summary>
    public ChangeSignal Signal { get; } = new();

    public string Name => SecurityProfile.MainDatabase;

    public string Kind => SqliteRegionDatabases.KindName;

    public ISqlTriggers Triggers { get; }

    public ISqlChanges Changes => _changes;

    /// <summary>Has something done with the connection that writes, in one transaction.</summary>
    /// <exception cref="SandboxException">What <paramref name="change"/> throws, or as <see cref="SqlFailure.Of"/>; nothing is changed.</exception>
    public T Change<T>(SqlPatience patience, Func<RegionConnection, T> change)
    {
        if (_writer.Enter(patience) is { } error)
        {
            throw SqlFailure.Of(error);
        }

        RegionConnection? connection = null;
        try
        {
            connection = _writer.Take();
            connection.Begin(patience);
            var result = change(connection);
            connection.Commit(patience);
            return result;
        }
        catch (StatementException e)
        {
            throw SqlFailure.Of(e.Error);
        }
        finally
        {
            connection?.End();
            _writer.Leave(connection);
        }
    }

    /// <summary>Has something looked up with a connection that reads, in one transaction.</summary>
    /// <exception cref="SandboxException">What <paramref name="look"/> throws, or as <see cref="SqlFailure.Of"/>.</exception>
    public T Look<T>(SqlPatience patience, Func<RegionConnection, T> look)
    {
        if (_readers.Enter(patience) is { } error)
        {
            throw SqlFailure.Of(error);
        }

        RegionConnection? connection = null;
        try
        {
            connection = _readers.Take();
            connection.Begin(patience);
            return look(connection);
        }
        catch (StatementException e)
        {
            throw SqlFailure.Of(e.Error);
        }
        finally
        {
            connection?.End();
            _readers.Leave(connection);
        }
    }

    public SqlAnswer Run(SqlStatement statement, SqlPatience patience)
    {
        var pool = PoolFor(statement.Access);
        RegionConnection? connection = null;
        if (pool.Enter(patience) is { } error)
        {
            return new SqlAnswer(error);
        }

        try
        {
            connection = pool.Take();
            return connection.Run(statement, patience);
        }
        catch (StatementException e)
        {
            return new SqlAnswer(e.Error);
        }
        finally
        {
            pool.Leave(connection);
        }
    }

    public bool TryBegin(SqlTerms terms, SqlPatience patience, [NotNullWhen(true)] out ISqlTransaction? transaction, [NotNullWhen(false)] out SqlError? error)
    {
        transaction = null;
        var pool = PoolFor(terms.Access);
        error = pool.Enter(patience);
        if (error is not null)
        {
            return false;
        }

        RegionConnection? connection = null;
        try
        {
            connection = pool.Take();
            connection.Begin(patience);
            transaction = new RegionTransaction(this, terms, connection, pool.Leave);
            return true;
        }
        catch (StatementException e)
        {
            pool.Leave(connection);
            error = e.Error;
            return false;
        }
    }

    public void Dispose()
    {
        _changes.Dispose();
        _readers.Dispose();
        _writer.Dispose();
    }

    private ConnectionPool PoolFor(SqlAccess access) => access == SqlAccess.Read ? _readers : _writer;

    private sealed class ConnectionPool(int size, Func<RegionConnection> open) : IDisposable
    {
        private readonly SqlPlaces _places = new(size);
        private readonly ConcurrentBag<RegionConnection> _idle = [];

        public SqlError? Enter(SqlPatience patience) => _places.Enter(patience);

        public RegionConnection Take() => _idle.TryTake(out var connection) ? connection : open();

        public void Leave(RegionConnection? connection)
        {
            if (connection is { IsBroken: false })
            {
                _idle.Add(connection);
            }
            else
            {
                connection?.Dispose();
            }

            _places.Leave();
        }

        public void Dispose()
        {
            while (_idle.TryTake(out var connection))
            {
                connection.Dispose();
            }

            _places.Dispose();
        }
    }
}
