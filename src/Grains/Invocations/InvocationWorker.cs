using System.Collections.Concurrent;
using HeliosEdge.Grains.Placement;
using HeliosEdge.Grains.Regions;
using HeliosEdge.Sandbox;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace HeliosEdge.Grains.Invocations;

/// <summary>
/// Takes asynchronous invocations from the queue, as many at once as may run, and runs them on this silo. When the silo stops, it takes no
/// more and waits for what runs; what does not end in time is run again by whoever finds its lease run out.
/// </summary>
public sealed partial class InvocationWorker(
    IInvocationStore store,
    ServedRegions served,
    IRegionPeers peers,
    IAttempts attempts,
    IInvocationOwners owners,
    WorkSignal signal,
    InvocationWorkerOptions options,
    TimeProvider clock,
    ILogger<InvocationWorker> log) : BackgroundService
{
    private readonly ConcurrentDictionary<Task, string> _running = [];
    private long? _fullSince;

    /// <summary>Attempts that run now.</summary>
    public int Running => _running.Count;

    /// <summary>Takes what is due and starts it.</summary>
    /// <returns>Whether there may be more that could start now.</returns>
    public async Task<bool> LeaseAsync(CancellationToken cancel)
    {
        var running = _running.Values.CountBy(region => region).ToDictionary(StringComparer.Ordinal);
        var taken = running.Values.Sum();
        var free = options.Concurrency - taken;
        if (free > 0)
        {
            _fullSince = null;
        }
        else if (!MayTakeOfReserve(taken))
        {
            return false;
        }

        // Both are asked for each time: peers come and go. Work of the silos beside this one is theirs, and waits while they are gone; so does work
        // for a peer that is known to be down, without a write.
        var reachable = peers.Nearest.Where(peer => peer.IsReachable).Select(peer => peer.Region);
        var regions = served.Own.Concat(reachable).Distinct(StringComparer.Ordinal)
            .Where(region => free > 0 || !running.ContainsKey(region))
            .ToDictionary(region => region, region => running.GetValueOrDefault(region), StringComparer.Ordinal);
        if (regions.Count == 0)
        {
            return false;
        }

        // Of the reserve one at a time: no region gets a second.
        var count = Math.Max(free, 1);
        var leased = await store.TryLeaseAsync(regions, count, owners.Here, AttemptRunner.LeaseDuration, cancel).ConfigureAwait(false);
        foreach (var invocation in leased)
        {
            Start(invocation);
        }

        return leased.Count == count;
    }

    /// <summary>Whether regions of which nothing runs may go beyond what may run at once, because too long nothing has ended to make room for them.</summary>
    private bool MayTakeOfReserve(int taken)
    {
        // Guests that are brief make room by themselves, without the queue being looked at for nothing.
        _fullSince ??= clock.GetTimestamp();
        return taken < options.Concurrency + options.Reserve && clock.GetElapsedTime(_fullSince.Value) >= options.PollEvery;
    }

    /// <summary>Waits for all that runs.</summary>
    public Task DrainAsync() => Task.WhenAll(_running.Keys);

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await DrainAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            LogLeftBehind(log, Running);
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (!await LeaseAsync(stoppingToken).ConfigureAwait(false))
                {
                    await signal.WaitAsync(options.PollEvery, stoppingToken).ConfigureAwait(false);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // The database may be away for a while, and tells so itself; the work waits in it.
                if (e is not SandboxException { Code: ErrorCodes.Unavailable })
                {
                    LogLeaseFailed(log, e);
                }

                await Task.Delay(options.PollEvery, clock, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    private void Start(StoredInvocation invocation)
    {
        var attempt = new InvocationAttempt
        {
            Id = invocation.Id,
            Function = invocation.Function,
            Region = invocation.Region,
            Payload = invocation.Payload,
            Owner = owners.Here,
            Attempt = invocation.Attempt,
            LeaseUntil = invocation.LeaseUntil ?? clock.GetUtcNow() + AttemptRunner.LeaseDuration,
            Postponed = invocation.Postponed,
            TraceParent = invocation.TraceParent,
        };
        var begin = new TaskCompletionSource();
        var run = RunAsync(attempt, begin.Task);
        _running[run] = invocation.Region;
        begin.SetResult();
        _ = run.ContinueWith(
            ended =>
            {
                _running.TryRemove(ended, out _);
                signal.Raise();
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    private async Task RunAsync(InvocationAttempt attempt, Task begin)
    {
        await begin.ConfigureAwait(false);
        try
        {
            await attempts.RunAsync(attempt).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // Nothing is recorded, so the attempt counts as abandoned: the next one begins when its lease has run out.
            LogAttemptLost(log, e is SandboxException { Code: ErrorCodes.Unavailable } ? null : e, attempt.Id, attempt.Attempt);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The queue of invocations cannot be read.")]
    private static partial void LogLeaseFailed(ILogger log, Exception e);

    [LoggerMessage(Level = LogLevel.Error, Message = "Attempt {Attempt} of the invocation {Id} could not be recorded; it is tried again when its lease has run out.")]
    private static partial void LogAttemptLost(ILogger log, Exception? e, Guid id, int attempt);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} invocations still ran when the silo stopped; they are run again.")]
    private static partial void LogLeftBehind(ILogger log, int count);
}
