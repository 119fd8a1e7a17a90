namespace HeliosEdge.Sandbox.Wasi.Files.InMemory;

/// <summary>What one in-memory file system may hold; names and inodes count as well as contents.</summary>
internal sealed class MemoryBudget(long maxBytes)
{
    /// <summary>Charged for each name beside its characters: about what its objects take.</summary>
    public const int EntryBytes = 256;

    private static long _devices;
    private long _used;
    private ulong _inodes;

    /// <summary>Tells one file system from another, type <c>device</c>; above the numbers that a host hands out.</summary>
    public ulong Device { get; } = NextDevice();

    /// <summary>A number for another file system in memory.</summary>
    public static ulong NextDevice() => (1UL << 63) | (ulong)Interlocked.Increment(ref _devices);

    public ulong NextInode() => ++_inodes;

    public void Charge(long bytes)
    {
        if (bytes > maxBytes - _used)
        {
            throw new WasiException(Errno.NoSpace);
        }

        _used += bytes;
    }

    public void Release(long bytes) => _used -= bytes;
}
