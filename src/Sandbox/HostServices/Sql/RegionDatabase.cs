using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using HeliosEdge.Sandbox.HostServices.Sql.Functions;
using HeliosEdge.Sandbox.Security;

namespace HeliosEdge.Sandbox.HostServices.Sql;

/// <summary>The SQLite database of a region: one connection that writes, and some that only read.</summary>
internal sealed class RegionDatabase(string path, string region, SqlLimits limits, int readers, ISqlFunctions? functions) : ISqlDatabase, IDisposable
{
    private readonly ConnectionPool _readers = new(readers, () => new RegionConnection(path, region, limits, isReader: true, functions));
    private readonly ConnectionPool _writer = new(1, () => new RegionConnection(path, region, limits, isReader: false, functions));

    public string Name => SecurityProfile.MainDatabase;

    public string Kind => SqliteRegionDatabases.KindName;

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
