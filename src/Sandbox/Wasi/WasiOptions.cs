using HeliosEdge.Sandbox.Wasi.Files.Bundles;

namespace HeliosEdge.Sandbox.Wasi;

/// <summary>What a guest of <c>wasi_snapshot_preview1</c> finds around it.</summary>
public sealed class WasiOptions
{
    /// <summary>The command's arguments; the first is, by convention, its name.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Environment variables by name, in the order in which the guest sees them.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Environment { get; init; } = [];

    /// <summary>Descriptor 0. Not disposed with the process.</summary>
    public Stream StandardInput { get; init; } = Stream.Null;

    /// <summary>Descriptor 1. Not disposed with the process. What it throws, other than an <see cref="IOException"/>, ends the guest.</summary>
    public Stream StandardOutput { get; init; } = Stream.Null;

    /// <summary>Descriptor 2. Not disposed with the process.</summary>
    public Stream StandardError { get; init; } = Stream.Null;

    /// <summary>Which of the descriptors 0 to 2 are terminals.</summary>
    public (bool Input, bool Output, bool Error) Terminals { get; init; }

    /// <summary>
    /// Waits until <see cref="StandardInput"/> can be read without blocking, at most the given time, and tells whether it can;
    /// null where it never blocks.
    /// </summary>
    public Func<TimeSpan, bool>? WaitForInput { get; init; }

    /// <summary>Directories of the host that the guest may use, by the names under which it finds them, such as <c>/</c>.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> HostDirectories { get; init; } = [];

    /// <summary>
    /// Size in bytes of an empty file system in memory that the guest finds as <c>/</c> and that is gone with the process; 0 for none.
    /// </summary>
    public long MemoryFileSystemBytes { get; init; }

    /// <summary>Bundles that the guest may read, by the names under which it finds them, such as <c>/site</c>.</summary>
    public IReadOnlyList<KeyValuePair<string, BundleTree>> Bundles { get; init; } = [];

    /// <summary>Ends waiting and long work inside WASI calls with an <see cref="OperationCanceledException"/>; stopping the guest's own code is the engine's business.</summary>
    public CancellationToken Interruption { get; init; }

    /// <summary>Waiting and long work inside WASI calls ends with a <see cref="TimeoutException"/> once this time has passed since the process was made, or since its guest was entered; null for never.</summary>
    public TimeSpan? Deadline { get; init; }
}
