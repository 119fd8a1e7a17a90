using HeliosEdge.Sandbox.HostServices.Sql;

namespace HeliosEdge.Data.Postgres;

/// <summary>The end of somebody's patience, as a token for Npgsql, which then has the server cancel what it is at.</summary>
internal sealed class PostgresDeadline : IDisposable
{
    /// <summary>How long the server, and the way to it, may take to end what was cancelled.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _over;
    private readonly CancellationTokenRegistration _registration;

    public PostgresDeadline(SqlPatience patience)
    {
        _over = new CancellationTokenSource(TimeSpan.FromMilliseconds(Math.Clamp(patience.Remaining.TotalMilliseconds, 0, int.MaxValue)));

        // Npgsql connects to the server to cancel something, on the thread that cancels the token; nobody else is to wait for that.
        _registration = patience.Cancellation.UnsafeRegister(static over => _ = ((CancellationTokenSource)over!).CancelAsync(), _over);
    }

    public CancellationToken Token => _over.Token;

    /// <summary>Waits for something that is to end with the token, and a little longer.</summary>
    /// <returns>False if it goes on even then; it is left to itself.</returns>
    public async Task<bool> EndsAsync(Task running)
    {
        try
        {
            await running.WaitAsync(Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!running.IsCompleted)
            {
                await running.WaitAsync(Grace + Grace).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        finally
        {
            _registration.Dispose();
        }

        return running.IsCompleted;
    }

    public void Dispose()
    {
        _registration.Dispose();
        _over.Dispose();
    }
}
