using System.Collections.Concurrent;

namespace HeliosEdge.Grains.Invocations;

/// <summary>The attempts that run on this silo. Used by many threads.</summary>
public sealed class RunningInvocations(AttemptRunner runner) : IAttempts
{
    private readonly ConcurrentDictionary<Guid, Running> _running = new();

    /// <summary>Raised with an invocation's id when an attempt of it has ended here.</summary>
    public event Action<Guid>? Ended;

    /// <inheritdoc/>
    public async Task RunAsync(InvocationAttempt attempt)
    {
        using var running = new Running();

        // A lease that ran out while the silo hung may have come back to it: the newer attempt is the one to be interrupted.
        _running[attempt.Id] = running;
        try
        {
            await runner.RunAsync(attempt, running.Interrupted).ConfigureAwait(false);
        }
        finally
        {
            _running.TryRemove(KeyValuePair.Create(attempt.Id, running));
            running.End();
            Ended?.Invoke(attempt.Id);
        }
    }

    /// <summary>Waits until no attempt of an invocation runs here.</summary>
    /// <returns>False if one still does.</returns>
    public async Task<bool> WaitAsync(Guid id, TimeSpan atMost, CancellationToken cancellationToken)
    {
        if (!_running.TryGetValue(id, out var running))
        {
            return true;
        }

        await running.HasEnded.WaitAsync(atMost, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        return running.HasEnded.IsCompleted;
    }

    /// <summary>Interrupts the guest of an invocation; nothing is recorded of its attempt then.</summary>
    /// <returns>False if none runs here.</returns>
    public bool Interrupt(Guid id)
    {
        if (!_running.TryGetValue(id, out var running))
        {
            return false;
        }

        running.Interrupt();
        return true;
    }

    private sealed class Running : IDisposable
    {
        private readonly CancellationTokenSource _interruption = new();
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public CancellationToken Interrupted => _interruption.Token;

        public Task HasEnded => _ended.Task;

        public void End() => _ended.SetResult();

        public void Interrupt()
        {
            lock (_ended)
            {
                if (!_ended.Task.IsCompleted)
                {
                    _interruption.Cancel();
                }
            }
        }

        public void Dispose()
        {
            lock (_ended)
            {
                _interruption.Dispose();
            }
        }
    }
}
