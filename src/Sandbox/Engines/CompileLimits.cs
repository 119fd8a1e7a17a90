namespace HeliosEdge.Sandbox.Engines;

/// <summary>What compiling may cost: one module, one caller, and all of them together.</summary>
public sealed record CompileLimits
{
    /// <summary>The most seconds that <see cref="MaxSeconds"/> and <see cref="MaxSecondsPerCaller"/> can be.</summary>
    public const int MostSeconds = 86_400;

    /// <summary>The least MiB that <see cref="MaxMemoryMiB"/> can be.</summary>
    public const int LeastMemoryMiB = 64;

    /// <summary>The most MiB that <see cref="MaxMemoryMiB"/> can be.</summary>
    public const int MostMemoryMiB = 65_536;

    /// <summary>The most MiB that <see cref="MaxCodeMiB"/> can be.</summary>
    public const int MostCodeMiB = 1_024;

    /// <summary>The most that <see cref="Parallel"/> can be.</summary>
    public const int MostParallel = 256;

    /// <summary>The most that <see cref="MaxQueuedPerCaller"/> can be.</summary>
    public const int MostQueued = 100_000;

    /// <summary>Processor time that one module may take, in seconds. Default 30.</summary>
    public int MaxSeconds { get; init; } = 30;

    /// <summary>Memory that a compiler which runs in a process of its own may take for one module, in MiB. Default 1,024.</summary>
    public int MaxMemoryMiB { get; init; } = 1_024;

    /// <summary>Code that one module may be compiled to, in MiB. Default 256.</summary>
    public int MaxCodeMiB { get; init; } = 256;

    /// <summary>
    /// Processor time that one caller may take in a burst, in seconds; it comes back at half a second a second. The modules that the silo
    /// loads for calls are not counted. Default 300.
    /// </summary>
    public int MaxSecondsPerCaller { get; init; } = 300;

    /// <summary>Modules of one caller that are compiled or wait at the same time. Default 64.</summary>
    public int MaxQueuedPerCaller { get; init; } = 64;

    /// <summary>Modules that are compiled at the same time. Half of the places are for those that take long. Default half of the processors, but 2 at least.</summary>
    public int Parallel { get; init; } = Math.Clamp(Environment.ProcessorCount / 2, 2, MostParallel);

    /// <summary>Processor time after which a compilation makes way for others that wait.</summary>
    internal TimeSpan Slice { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Bytes of all modules that are compiled or wait.</summary>
    internal long MaxQueuedBytes { get; init; } = 512L << 20;

    internal TimeSpan MaxTime => TimeSpan.FromSeconds(MaxSeconds);

    internal long MaxMemoryBytes => (long)MaxMemoryMiB << 20;

    internal long MaxCodeBytes => (long)MaxCodeMiB << 20;

    /// <summary>Refuses values that are out of range.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/>.</exception>
    public void Validate()
    {
        Require("The time of one compilation", MaxSeconds, 1, MostSeconds, "seconds");
        Require("The memory of one compilation", MaxMemoryMiB, LeastMemoryMiB, MostMemoryMiB, "MiB");
        Require("The code of one module", MaxCodeMiB, 1, MostCodeMiB, "MiB");
        Require("The compile time of one caller", MaxSecondsPerCaller, 1, MostSeconds, "seconds");
        Require("The number of modules that one caller has compiled at once", MaxQueuedPerCaller, 1, MostQueued, "modules");
        Require("The number of modules that are compiled at once", Parallel, 2, MostParallel, "modules");
    }

    private static void Require(string what, int value, int least, int most, string unit)
    {
        if (value < least || value > most)
        {
            throw new SandboxException(ErrorCodes.InvalidParameter, $"{what} must be from {least} to {most} {unit}, not {value}.") { Limit = most, Value = value };
        }
    }
}
