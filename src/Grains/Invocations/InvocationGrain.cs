using HeliosEdge.Grains.Abstractions.Invocations;
using Orleans;
using Orleans.Concurrency;

namespace HeliosEdge.Grains.Invocations;

/// <summary>One asynchronous invocation, in memory for as long as it runs or somebody waits for it.</summary>
[Reentrant]
public sealed class InvocationGrain(AttemptRunner runner, IInvocationStore store, WorkSignal signal, TimeProvider clock) : Grain, IInvocationGrain
{
    /// <summary>How often a wait looks at the store: another process may have run it.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenSource? _running;
    private int _calls;

    /// <inheritdoc/>
    public async Task RunAsync(InvocationAttempt attempt)
    {
        _calls++;
        using var running = new CancellationTokenSource();
        _running = running;
        try
        {
            await runner.RunAsync(attempt, running.Token);
        }
        finally
        {
            if (_running == running)
            {
                _running = null;
            }

            Wake();
            Leave();
        }
    }

    /// <inheritdoc/>
    public async Task<bool> WaitAsync(int atMostMs, CancellationToken cancellationToken)
    {
        _calls++;
        try
        {
            var started = clock.GetTimestamp();
            while (true)
            {
                // Taken before the look at the store: what ends in between is not missed.
                var changed = _changed.Task;
                if (await store.FindAsync(Id, cancellationToken) is not { } invocation || invocation.State >= InvocationState.Succeeded)
                {
                    return true;
                }

                var left = TimeSpan.FromMilliseconds(atMostMs) - clock.GetElapsedTime(started);
                if (left <= TimeSpan.Zero)
                {
                    return false;
                }

                await Task.WhenAny(changed, Task.Delay(left < LookEvery ? left : LookEvery, clock, cancellationToken));
            }
        }
        finally
        {
            Leave();
        }
    }

    /// <inheritdoc/>
    public async Task<bool> CancelAsync()
    {
        _calls++;
        try
        {
            if (await store.CancelAsync(Id) is not { } state)
            {
                return false;
            }

            if (state == InvocationState.Cancelled && _running is { } running)
            {
                await running.CancelAsync();
            }

            Wake();
            signal.Raise();
            return true;
        }
        finally
        {
            Leave();
        }
    }

    private Guid Id => Guid.Parse(this.GetPrimaryKeyString());

    private void Wake()
    {
        _changed.SetResult();
        _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    // An activation for each of a million invocations would fill the memory until they count as idle.
    private void Leave()
    {
        if (--_calls == 0)
        {
            DeactivateOnIdle();
        }
    }
}
