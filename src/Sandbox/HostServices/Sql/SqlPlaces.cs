using HeliosEdge.Sandbox.Execution;

namespace HeliosEdge.Sandbox.HostServices.Sql;

/// <summary>Places for statements and transactions of one database: so many run at the same time, and so many more wait.</summary>
internal sealed class SqlPlaces(int count) : IDisposable
{
    private readonly SemaphoreSlim _free = new(count);
    private int _waiting;

    /// <summary>Waits for a place.</summary>
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
                return new SqlError(SqlOutcome.Busy, "53300", $"{SqlLimits.MaxWaiting} statements wait for the database already.");
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

    public void Leave() => _free.Release();

    public void Dispose() => _free.Dispose();

    private static SqlError Late() => new(SqlOutcome.Cancelled, "57014", "Other statements were busy until the deadline, or until the call was taken back.");
}
