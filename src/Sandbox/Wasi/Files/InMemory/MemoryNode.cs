namespace HeliosEdge.Sandbox.Wasi.Files.InMemory;

/// <summary>An inode: what names refer to.</summary>
internal abstract class MemoryNode(MemoryBudget budget)
{
    public MemoryBudget Budget { get; } = budget;

    public ulong Inode { get; } = budget.NextInode();

    public abstract FileType Type { get; }

    public ulong Links { get; set; }

    public virtual ulong Size => 0;

    public ulong Accessed { get; set; } = WasiClock.Realtime();

    public ulong Modified { get; set; } = WasiClock.Realtime();

    public ulong Changed { get; set; } = WasiClock.Realtime();

    public FileStatus GetStatus() => new(Budget.Device, Inode, Type, Links, Size, Accessed, Modified, Changed);

    public void SetTimes(ulong? accessed, ulong? modified)
    {
        Accessed = accessed ?? Accessed;
        Modified = modified ?? Modified;
        Changed = WasiClock.Realtime();
    }

    public void Touch()
    {
        Modified = WasiClock.Realtime();
        Changed = Modified;
    }

    /// <summary>The node lost a name.</summary>
    public virtual void Unlinked() => Links--;
}
