using System.Collections.Concurrent;
using System.Diagnostics;
using HeliosEdge.Sandbox.Execution;

namespace HeliosEdge.Sandbox.HostServices.Sql;

/// <summary>The connections of one region's database: one that writes, and some that only read.</summary>
internal sealed class RegionDatabase(string path, SqlLimits limits, int readers) : IDisposable
{
    private readonly ConnectionPool _readers = new(readers, () => new RegionConnection(path, limits, isReader: true));
    private readonly ConnectionPool _writer = new(1, () => new RegionConnection(path, limits, isReader: false));

    public SqlAnswer Run(string sql, ReadOnlyMemory<byte> parameters, TimeSpan patience, bool isQuery)
    {
        var deadline = Stopwatch.GetTimestamp() + (long)(patience.TotalSeconds * Stopwatch.Frequency);
        return (isQuery ? _readers : _writer).Run(sql, parameters, patience, deadline);
    }

    public void Dispose()
    {
        _readers.Dispose();
        _writer.Dispose();
    }

    private sealed class ConnectionPool(int size, Func<RegionConnection> open) : IDisposable
    {
        private readonly SemaphoreSlim _free = new(size);
        private readonly ConcurrentBag<RegionConnection> _idle = [];

        public SqlAnswer Run(string sql, ReadOnlyMemory<byte> parameters, TimeSpan patience, long deadline)
        {
            // Waiting for a connection ends with the caller's deadline; waiting inside SQLite is a loop of sleeps.
            if (patience <= TimeSpan.Zero || !TryEnter(patience))
            {
                return new SqlAnswer(SqlOutcome.Cancelled, default, "Other statements were busy until the deadline.");
            }

            RegionConnection? connection = null;
            try
            {
                if (!_idle.TryTake(out connection))
                {
                    connection = open();
                }

                return connection.Run(sql, parameters, deadline);
            }
            catch (StatementException e)
            {
                return new SqlAnswer(e.Outcome, default, e.Message);
            }
            finally
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
        }

        private bool TryEnter(TimeSpan patience)
        {
            if (_free.Wait(0))
            {
                return true;
            }

            using var waiting = GuestThreads.Wait();
            return _free.Wait(patience);
        }

        public void Dispose()
        {
            while (_idle.TryTake(out var connection))
            {
                connection.Dispose();
            }

            _free.Dispose();
        }
    }
}
