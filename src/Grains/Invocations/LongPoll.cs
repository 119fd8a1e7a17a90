using Microsoft.Extensions.Hosting;

namespace HeliosEdge.Grains.Invocations;

/// <summary>A wait that ends early when the caller goes away or the silo is about to stop.</summary>
internal static class LongPoll
{
    /// <summary>The longest wait in milliseconds; more is cut down to it.</summary>
    public const int MaxMs = 60_000;

    /// <summary>Waits.</summary>
    /// <param name="lifetime">Ends the wait when the silo is about to stop: the caller gets the state as it is then, and asks again elsewhere or later.</param>
    /// <param name="wait">The wait, for a time of up to <see cref="MaxMs"/>.</param>
    /// <param name="waitMs">How long the caller will wait.</param>
    /// <param name="cancellationToken">The caller went away.</param>
    public static async Task WaitAsync(
        IHostApplicationLifetime lifetime, Func<TimeSpan, CancellationToken, Task> wait, int waitMs, CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        try
        {
            await wait(TimeSpan.FromMilliseconds(Math.Min(waitMs, MaxMs)), ended.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }
    }
}
