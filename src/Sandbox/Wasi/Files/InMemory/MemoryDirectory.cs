namespace HeliosEdge.Sandbox.Wasi.Files.InMemory;

/// <summary>A directory's inode: its names.</summary>
internal sealed class MemoryDirectory(MemoryBudget budget, MemoryDirectory? parent) : MemoryNode(budget)
{
    private readonly SortedDictionary<string, MemoryNode> _entries = new(StringComparer.Ordinal);

    public override FileType Type => FileType.Directory;

    /// <summary>Null for the root.</summary>
    public MemoryDirectory? Parent { get; set; } = parent;

    public bool IsRemoved { get; set; }

    public bool IsEmpty => _entries.Count == 0;

    public IEnumerable<KeyValuePair<string, MemoryNode>> Entries => _entries;

    public MemoryNode? Find(string name) => _entries.GetValueOrDefault(name);

    public MemoryNode Get(string name) => Find(name) ?? throw new WasiException(Errno.NoEntry);

    public void Add(string name, MemoryNode node)
    {
        if (IsRemoved)
        {
            throw new WasiException(Errno.NoEntry);
        }

        Budget.Charge(Cost(name));
        _entries.Add(name, node);
        node.Links++;
        node.Changed = WasiClock.Realtime();
        Touch();
    }

    public void Remove(string name)
    {
        if (_entries.Remove(name, out var node))
        {
            Budget.Release(Cost(name));
            node.Changed = WasiClock.Realtime();
            node.Unlinked();
            Touch();
        }
    }

    private static long Cost(string name) => MemoryBudget.EntryBytes + (2L * name.Length);
}
