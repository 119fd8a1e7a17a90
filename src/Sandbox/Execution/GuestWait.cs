namespace HeliosEdge.Sandbox.Execution;

/// <summary>A wait of a guest in a host call, from <see cref="GuestThreads.Wait"/>; ends when disposed.</summary>
public readonly ref struct GuestWait
{
    private readonly GuestRunner? _runner;

    internal GuestWait(GuestRunner? runner)
    {
        _runner = runner;
    }

    /// <summary>The wait is over; the guest goes on.</summary>
    public void Dispose() => _runner?.EndWait();
}
