using HeliosEdge.Grains.Abstractions.Invocations;

namespace HeliosEdge.Grains.Invocations;

/// <summary>
/// Waits for invocations wherever they run: what ends on this silo wakes those who wait here, another silo that runs it is asked, and
/// the store is looked at in any case, so that no wait depends on a silo that may be gone. Used by many threads.
/// </summary>
public sealed class InvocationWatch : IInvocationWatch, IDisposable
{
    /// <summary>How often a wait looks at the store.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly IInvocationStore _store;
    private readonly RunningInvocations _running;
    private readonly IInvocationOwners _owners;
    private readonly WorkSignal _signal;
    private readonly TimeProvider _clock;
    private readonly Dictionary<Guid, Change> _changes = [];

    /// <summary>Makes it.</summary>
    public InvocationWatch(IInvocationStore store, RunningInvocations running, IInvocationOwners owners, WorkSignal signal, TimeProvider clock)
    {
        _store = store;
        _running = running;
        _owners = owners;
        _signal = signal;
        _clock = clock;
        running.Ended += Wake;
    }

    /// <inheritdoc/>
    public async Task<bool> WaitAsync(Guid id, TimeSpan atMost, CancellationToken cancellationToken)
    {
        var started = _clock.GetTimestamp();
        while (true)
        {
            // Taken before the look at the store: what ends in between is not missed.
            using var change = Enter(id);
            if (await _store.FindAsync(id, cancellationToken).ConfigureAwait(false) is not { } invocation || invocation.State >= InvocationState.Succeeded)
            {
                return true;
            }

            var left = atMost - _clock.GetElapsedTime(started);
            if (left <= TimeSpan.Zero)
            {
                return false;
            }

            // Whole milliseconds, upwards: timers cut off what is less, and the end of the wait would be a busy loop.
            var pause = left < LookEvery ? TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)) : LookEvery;
            if (invocation is { State: InvocationState.Running, LeaseOwner: { } owner } && owner != _owners.Here)
            {
                using var looked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                var there = _owners.WaitAsync(owner, id, pause, looked.Token);
                var pausing = Task.Delay(pause, _clock, looked.Token);
                if (await Task.WhenAny(there, change.Task, pausing).ConfigureAwait(false) == there && !(there.IsCompletedSuccessfully && there.Result))
                {
                    await Task.WhenAny(change.Task, pausing).ConfigureAwait(false);
                }

                await looked.CancelAsync().ConfigureAwait(false);
                await ((Task)there).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            else
            {
                await Task.WhenAny(change.Task, Task.Delay(pause, _clock, cancellationToken)).ConfigureAwait(false);
            }

            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <inheritdoc/>
    public async Task<bool> CancelAsync(Guid id)
    {
        var before = await _store.FindAsync(id).ConfigureAwait(false);
        if (await _store.CancelAsync(id).ConfigureAwait(false) is not { } state)
        {
            return false;
        }

        if (state == InvocationState.Cancelled && !_running.Interrupt(id) && before?.LeaseOwner is { } owner && owner != _owners.Here)
        {
            await _owners.InterruptAsync(owner, id).ConfigureAwait(false);
        }

        Wake(id);
        _signal.Raise();
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _running.Ended -= Wake;

    private Change Enter(Guid id)
    {
        lock (_changes)
        {
            if (!_changes.TryGetValue(id, out var change))
            {
                _changes[id] = change = new Change(this, id);
            }

            change.Waiting++;
            return change;
        }
    }

    private void Leave(Change change)
    {
        lock (_changes)
        {
            if (--change.Waiting == 0 && _changes.GetValueOrDefault(change.Id) == change)
            {
                _changes.Remove(change.Id);
            }
        }
    }

    private void Wake(Guid id)
    {
        Change? change;
        lock (_changes)
        {
            _changes.Remove(id, out change);
        }

        change?.Set();
    }

    private sealed class Change(InvocationWatch watch, Guid id) : IDisposable
    {
        private readonly TaskCompletionSource _set = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Guid Id => id;

        public int Waiting { get; set; }

        public Task Task => _set.Task;

        public void Set() => _set.SetResult();

        public void Dispose() => watch.Leave(this);
    }
}
