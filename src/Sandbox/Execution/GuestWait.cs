namespace HeliosEdge.Sandbox.Execution;

/// <summary>A wait of a guest in a host call, from <see cref="GuestThreads.Wait"/>; ends when disposed.</summary>
public readonly ref struct GuestWait
{
    private readonly GuestThreads? _threads;

    internal GuestWait(GuestThreads? threads)
    {
        _threads = threads;
    }

    /// <summary>The wait is over; the guest goes on.</summary>
    public void Dispose() => _threads?.EndWait();
}
