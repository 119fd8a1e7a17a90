namespace HeliosEdge.Sandbox.Execution;

/// <summary>How many guests run at once and how many may wait for that.</summary>
public sealed record GuestThreadOptions
{
    /// <summary>
    /// Guests that run at once. Default four a processor, at least 16: more than there are processors, so that a handful of
    /// guests that burn their whole deadline do not hold up the others, few enough that their memories together stay bounded.
    /// </summary>
    public int Threads { get; init; } = Math.Max(16, 4 * Environment.ProcessorCount);

    /// <summary>
    /// Guests that may wait in a host call at the same time without counting among <see cref="Threads"/>: while they wait, on threads
    /// of their own, others run. Default 256.
    /// </summary>
    public int MaxWaiting { get; init; } = 256;

    /// <summary>Calls that wait while all threads are busy; one more is refused. Default 1,024.</summary>
    public int MaxQueued { get; init; } = 1_024;

    /// <summary>Stack of each guest thread in bytes: the engine's own limit for guests plus room for the host. Default 4 MiB.</summary>
    public int StackBytes { get; init; } = 4 << 20;

    /// <summary>Checks the values.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/>: a value is out of range.</exception>
    public void Validate()
    {
        Check("guest threads", Threads, 1, 4_096);
        Check("guests waiting in host calls", MaxWaiting, 0, 4_096);
        Check("queued guest calls", MaxQueued, 0, 1_000_000);
        Check("guest stack bytes", StackBytes, 2 << 20, 256 << 20);
    }

    private static void Check(string name, int value, int least, int most)
    {
        if (value < least || value > most)
        {
            throw new SandboxException(ErrorCodes.InvalidParameter, $"{name} must be from {least} to {most}, not {value}.")
            {
                Limit = value < least ? least : most,
                Value = value,
            };
        }
    }
}
