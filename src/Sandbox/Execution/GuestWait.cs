namespace HeliosEdge.Sandbox.Execution;

/// <summary>A wait of a guest in a host call, from <see cref="GuestThreads.Wait"/>; ends when disposed.</summary>
public readonly ref struct GuestWait
{
    private readonly GuestThreads.Worker? _worker;

    internal GuestWait(GuestThreads.Worker? worker)
    {
        _worker = worker;
    }

    /// <summary>The wait is over; the guest goes on.</summary>
    public void Dispose() => _worker?.EndWait();
}
