using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using HeliosEdge.Sandbox.Execution;
using HeliosEdge.Sandbox.Security;

namespace HeliosEdge.Sandbox.HostServices.Sql;

/// <summary>The SQLite database of a region: one connection that writes, and some that only read.</summary>
internal sealed class RegionDatabase(string path, SqlLimits limits, int readers) : ISqlDatabase, IDisposable
{
    private readonly ConnectionPool _readers = new(readers, () => new RegionConnection(path, limits, isReader: true));
    private readonly ConnectionPool _writer = new(1, () => new RegionConnection(path, limits, isReader: false));

    public string Name => SecurityProfile.MainDatabase;

    public string Kind => "sqlite";

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
        private readonly SemaphoreSlim _free = new(size);
        private readonly ConcurrentBag<RegionConnection> _idle = [];
        private int _waiting;

        /// <summary>Waits for a connection; what waits inside SQLite instead is a loop of sleeps.</summary>
        /// <returns>Why there is none; null once there is, until <see cref="Leave"/>.</returns>
        public SqlError? Enter(SqlPatience patience)
        {
            if (patience.IsOver)
            {
                return Late();
            }

            if (_free.Wait(0, CancellationToken.None))
            {
                return null;
            }

            try
            {
                if (Interlocked.Increment(ref _waiting) > SqlLimits.MaxWaiting)
                {
                    return new SqlError(SqlOutcome.Busy, "53300", $"{SqlLimits.MaxWaiting} statements wait for the region's database already.");
                }

                using var waiting = GuestThreads.Wait();
                return _free.Wait(patience.Remaining is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero, patience.Cancellation) ? null : Late();
            }
            catch (OperationCanceledException)
            {
                return Late();
            }
            finally
            {
                Interlocked.Decrement(ref _waiting);
            }
        }

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

            _free.Release();
        }

        public void Dispose()
        {
            while (_idle.TryTake(out var connection))
            {
                connection.Dispose();
            }

            _free.Dispose();
        }

        private static SqlError Late() => new(SqlOutcome.Cancelled, "57014", "Other statements were busy until the deadline, or until the call was taken back.");
    }
}
