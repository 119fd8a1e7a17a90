using System.Diagnostics;

namespace HeliosEdge.Client;

/// <summary>Sends a call again where that can do no harm, with exponential backoff and jitter, until its deadline.</summary>
internal static class CallRetries
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(5);

    public static async Task<T> RunAsync<T>(CallOptions options, bool mayHaveBegun, Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxAttempts, 1);
        if (options.Deadline is { } stated)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(stated, TimeSpan.FromMilliseconds(1));
        }

        // The silo's own answer about the deadline says more than giving up at the same moment.
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (options.Deadline is { } patience)
        {
            deadline.CancelAfter(patience + Grace);
        }

        try
        {
            for (var attempt = 1; ; attempt++)
            {
                try
                {
                    return await call(deadline.Token).ConfigureAwait(false);
                }
                catch (EdgeException e) when (attempt < options.MaxAttempts && IsWorthAnother(e, mayHaveBegun))
                {
                    var most = FirstDelay * Math.Pow(2, Math.Min(attempt - 1, 20));
                    await Task.Delay((most < MaxDelay ? most : MaxDelay) * Random.Shared.NextDouble(), deadline.Token).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (options.Deadline is { } passed && !cancellationToken.IsCancellationRequested)
        {
            throw new EdgeTimeoutException(null, $"No answer within the deadline of {passed.TotalMilliseconds:0} ms.");
        }
    }

    /// <summary>Options with an idempotency key, made up where there is none, so that a repeat never queues anything twice.</summary>
    public static CallOptions Keyed(CallOptions? options)
    {
        options ??= new CallOptions();
        return options.IdempotencyKey is null ? options with { IdempotencyKey = Guid.NewGuid().ToString("N") } : options;
    }

    /// <summary>Milliseconds that are left of a deadline, at least 1; null without one.</summary>
    public static long? Remaining(CallOptions options, long startedAt) => options.Deadline is { } deadline
        ? Math.Max(1, (long)(deadline - Stopwatch.GetElapsedTime(startedAt)).TotalMilliseconds)
        : null;

    internal static bool IsWorthAnother(EdgeException e, bool mayHaveBegun) => e.Code switch
    {
        EdgeOverloadedException.StableCode or "region_unavailable" or "compiling" => true,
        "in_progress" or "peer_failed" or "unavailable" => mayHaveBegun,
        _ => mayHaveBegun && e is EdgeConnectionException,
    };
}
