namespace HeliosEdge.Sandbox.Engines;

/// <summary>
/// One compilation's right to the processor: made on the thread that compiles, and shown again and again while it does, so that it ends
/// with its budget and makes way for others.
/// </summary>
public abstract class CompileTurn
{
    private readonly TimeSpan _began = ThreadTime.Current;
    private TimeSpan _elsewhere;

    /// <summary>Begins a turn on the current thread.</summary>
    /// <param name="limits">What the compilation may cost.</param>
    protected CompileTurn(CompileLimits limits)
    {
        Limits = limits;
    }

    /// <summary>What the compilation may cost.</summary>
    public CompileLimits Limits { get; }

    /// <summary>How much it leaves the processors to others, as the system counts niceness.</summary>
    internal int Nice { get; set; }

    /// <summary>Processor time that the compilation has taken since its turn began.</summary>
    public TimeSpan Used => ThreadTime.Current - _began + _elsewhere;

    /// <summary>To be called between pieces of the work, each of which is short.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.CompileLimitExceeded"/>: the time is used up.</exception>
    /// <remarks>What else it throws ends the compilation, too, and is to be passed on; the module may get another turn later.</remarks>
    public void Pass()
    {
        var used = Used;
        if (used > Limits.MaxTime)
        {
            throw OutOfTime(Limits, used);
        }

        Continue(used);
    }

    /// <summary>As <see cref="Pass()"/>, where a process of its own compiles.</summary>
    /// <param name="elsewhere">All the processor time that it has taken for this module so far.</param>
    internal void Pass(TimeSpan elsewhere)
    {
        _elsewhere = elsewhere;
        Pass();
    }

    /// <summary>Refuses code that is too large.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.CompileLimitExceeded"/>.</exception>
    internal void RequireCode(long bytes)
    {
        if (bytes > Limits.MaxCodeBytes)
        {
            throw OutOfCode(Limits, bytes);
        }
    }

    internal static SandboxException OutOfTime(CompileLimits limits, TimeSpan used) => new(
        ErrorCodes.CompileLimitExceeded,
        $"Compiling the module took {used.TotalSeconds:0.0} s of processor time and was ended; the limit is {limits.MaxSeconds} s.")
    {
        Limit = limits.MaxSeconds,
        Value = (long)Math.Ceiling(used.TotalSeconds),
    };

    internal static SandboxException OutOfMemory(CompileLimits limits, long? bytes) => new(
        ErrorCodes.CompileLimitExceeded,
        $"Compiling the module took {(bytes is null ? "more memory than it may have" : $"{bytes} bytes of memory")} and was ended; the limit is {limits.MaxMemoryBytes} bytes.")
    {
        Limit = limits.MaxMemoryBytes,
        Value = bytes,
    };

    internal static SandboxException OutOfCode(CompileLimits limits, long bytes) => SandboxException.Breach(
        ErrorCodes.CompileLimitExceeded, "The module is compiled to", limits.MaxCodeBytes, bytes, "bytes");

    /// <summary>Lets the compilation go on, or throws.</summary>
    /// <param name="used">As <see cref="Used"/>.</param>
    protected abstract void Continue(TimeSpan used);
}
