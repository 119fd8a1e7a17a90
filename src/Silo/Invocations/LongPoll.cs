namespace HeliosEdge.Silo.Invocations;

/// <summary>A wait that ends early when the caller goes away or the silo is about to stop.</summary>
internal static class LongPoll
{
    /// <summary>Waits.</summary>
    /// <exception cref="OperationCanceledException">The caller went away.</exception>
    public static async Task WaitAsync(HttpContext http, IHostApplicationLifetime lifetime, Func<CancellationToken, Task> wait)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping);
        try
        {
            await wait(ended.Token);
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // The caller gets the state as it is now, and asks again elsewhere or later.
        }
    }
}
