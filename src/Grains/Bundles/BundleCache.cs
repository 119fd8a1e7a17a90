using HeliosEdge.Sandbox.Wasi.Files.Bundles;

namespace HeliosEdge.Grains.Bundles;

/// <summary>
/// The unpacked bundles in this process's memory: at most one tree of each. The ones that were asked for last are kept, as many as fit
/// a number of bytes; others stay for as long as a function holds them.
/// </summary>
/// <param name="maxBytes">How much is kept without anybody holding it, counted by <see cref="BundleTree.MemoryBytes"/>.</param>
public sealed class BundleCache(long maxBytes)
{
    /// <summary>What is kept where nothing else is said: 256 MiB.</summary>
    public const long DefaultMaxBytes = 256L << 20;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, WeakReference<BundleTree>> _trees = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Task<BundleTree>> _unpacking = new(StringComparer.Ordinal);

    // The one that was asked for last is at the end.
    private readonly LinkedList<(string Hash, BundleTree Tree)> _kept = [];
    private readonly Dictionary<string, LinkedListNode<(string Hash, BundleTree Tree)>> _places = new(StringComparer.Ordinal);
    private long _keptBytes;

    /// <summary>How many bytes are kept whether anybody holds them or not.</summary>
    public long KeptBytes
    {
        get
        {
            lock (_gate)
            {
                return _keptBytes;
            }
        }
    }

    /// <summary>The tree of a bundle. However many ask for it at once, it is unpacked once.</summary>
    /// <param name="hash">The bundle.</param>
    /// <param name="unpack">Unpacks it; called if its tree is not in memory.</param>
    public Task<BundleTree> GetAsync(string hash, Func<Task<BundleTree>> unpack)
    {
        lock (_gate)
        {
            if (_trees.TryGetValue(hash, out var reference) && reference.TryGetTarget(out var tree))
            {
                Keep(hash, tree);
                return Task.FromResult(tree);
            }

            if (!_unpacking.TryGetValue(hash, out var task))
            {
                _unpacking[hash] = task = UnpackAsync(hash, unpack);
            }

            return task;
        }
    }

    private async Task<BundleTree> UnpackAsync(string hash, Func<Task<BundleTree>> unpack)
    {
        // Not under the caller's lock, and not on a grain's turn.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            var tree = await unpack().ConfigureAwait(false);
            lock (_gate)
            {
                _trees[hash] = new WeakReference<BundleTree>(tree);
                Keep(hash, tree);
            }

            return tree;
        }
        finally
        {
            lock (_gate)
            {
                _unpacking.Remove(hash);
            }
        }
    }

    /// <summary>Makes a tree the one that goes last, and lets the ones that are too many go; under the gate.</summary>
    private void Keep(string hash, BundleTree tree)
    {
        if (_places.TryGetValue(hash, out var place))
        {
            _kept.Remove(place);
            _kept.AddLast(place);
            return;
        }

        if (tree.MemoryBytes > maxBytes)
        {
            return;
        }

        _places[hash] = _kept.AddLast((hash, tree));
        _keptBytes += tree.MemoryBytes;
        while (_keptBytes > maxBytes)
        {
            var (oldest, old) = _kept.First!.Value;
            _kept.RemoveFirst();
            _places.Remove(oldest);
            _keptBytes -= old.MemoryBytes;
        }

        foreach (var (gone, _) in _trees.Where(entry => !entry.Value.TryGetTarget(out _)).ToList())
        {
            _trees.Remove(gone);
        }
    }
}
