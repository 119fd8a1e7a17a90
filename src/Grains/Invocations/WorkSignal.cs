namespace HeliosEdge.Grains.Invocations;

/// <summary>Tells the worker of this process that there may be work, so that it need not find out by looking. Used by many threads.</summary>
public sealed class WorkSignal : IDisposable
{
    private readonly SemaphoreSlim _signalled = new(0, 1);
    private int _raised;

    /// <summary>Says that there may be work.</summary>
    public void Raise()
    {
        if (Interlocked.Exchange(ref _raised, 1) == 0)
        {
            _signalled.Release();
        }
    }

    /// <summary>Waits until somebody has said so, or for <paramref name="atMost"/>.</summary>
    public async Task WaitAsync(TimeSpan atMost, CancellationToken cancel)
    {
        if (await _signalled.WaitAsync(atMost, cancel).ConfigureAwait(false))
        {
            Volatile.Write(ref _raised, 0);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _signalled.Dispose();
}
