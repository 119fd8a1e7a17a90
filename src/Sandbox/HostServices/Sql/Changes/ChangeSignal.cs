namespace HeliosEdge.Sandbox.HostServices.Sql.Changes;

/// <summary>Wakes those that wait for changes. Used by many threads.</summary>
internal sealed class ChangeSignal
{
    private readonly Lock _lock = new();
    private TaskCompletionSource? _next;
    private long _version;

    /// <summary>Grows with each signal; to be read before what is waited for is looked at.</summary>
    public long Version => Volatile.Read(ref _version);

    /// <summary>Something has come.</summary>
    public void Raise()
    {
        TaskCompletionSource? waiting;
        lock (_lock)
        {
            _version++;
            (waiting, _next) = (_next, null);
        }

        waiting?.SetResult();
    }

    /// <summary>Waits until there was a signal after a version, or for some time.</summary>
    public async Task WaitAsync(long version, TimeSpan time, CancellationToken cancellationToken)
    {
        Task next;
        lock (_lock)
        {
            if (_version != version)
            {
                return;
            }

            next = (_next ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }

        await next.WaitAsync(time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }
}
