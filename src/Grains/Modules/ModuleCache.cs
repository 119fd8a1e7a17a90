using HeliosEdge.Sandbox.Engines;

namespace HeliosEdge.Grains.Modules;

/// <summary>
/// The compiled modules in this process's memory, each for as long as somebody holds a lease on it, and the ones that were used last
/// a while longer, as many as fit a number of bytes. However many ask for a module at once, it is compiled once.
/// </summary>
/// <param name="engine">What compiles.</param>
/// <param name="maxIdleBytes">How much without a lease is kept, counted by the modules' own bytes; the least recently used goes first.</param>
public sealed class ModuleCache(IWasmEngine engine, long maxIdleBytes) : IDisposable
{
    /// <summary>What is kept without a lease where nothing else is said: 64 MiB of modules.</summary>
    public const long DefaultMaxIdleBytes = 64L << 20;

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Hash, bool Metered), Entry> _entries = [];

    // Without a lease, the one that lost its last lease most recently at the end.
    private readonly LinkedList<Entry> _idle = [];
    private long _idleBytes;
    private bool _isDisposed;

    // Compiling is all computation: more of it at once than there are processors would only delay everything else.
    private readonly SemaphoreSlim _compilers = new(Environment.ProcessorCount);

    /// <summary>How many modules are in memory.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _entries.Count;
            }
        }
    }

    /// <summary>How many modules somebody holds a lease on, and how many leases there are on them.</summary>
    internal (int Modules, int Leases) Held
    {
        get
        {
            lock (_gate)
            {
                return (_entries.Count - _idle.Count, _entries.Values.Sum(entry => entry.Leases));
            }
        }
    }

    /// <summary>How many bytes of modules are in memory without a lease.</summary>
    public long IdleBytes
    {
        get
        {
            lock (_gate)
            {
                return _idleBytes;
            }
        }
    }

    /// <summary>Leases a module, compiled without metering, that is in memory or being compiled for somebody else; null if it is not.</summary>
    public async Task<ModuleLease?> TryLeaseAsync(string hash)
    {
        Entry? entry;
        lock (_gate)
        {
            if (!_entries.TryGetValue((hash, false), out entry))
            {
                return null;
            }

            Take(entry);
        }

        return await LeaseAsync(entry).ConfigureAwait(false);
    }

    /// <summary>Leases a module, compiled from <paramref name="bytes"/> if it is not in memory.</summary>
    /// <param name="hash">The module's hash.</param>
    /// <param name="bytes">The module.</param>
    /// <param name="metered">Whether its instances are to have a limit of fuel.</param>
    /// <exception cref="Sandbox.SandboxException">As <see cref="IWasmEngine.Compile"/>.</exception>
    public async Task<ModuleLease> LeaseAsync(string hash, ReadOnlyMemory<byte> bytes, bool metered = false)
    {
        var key = (hash, metered);
        Entry? entry;
        lock (_gate)
        {
            if (!_entries.TryGetValue(key, out entry))
            {
                entry = new Entry(this, key, bytes.Length, CompileAsync(bytes, metered));
                _entries.Add(key, entry);
            }

            Take(entry);
        }

        return await LeaseAsync(entry).ConfigureAwait(false);
    }

    /// <summary>Unloads what nobody holds a lease on.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
        }

        Evict();
    }

    private static async Task<ModuleLease> LeaseAsync(Entry entry)
    {
        try
        {
            return new ModuleLease(entry, await entry.Compiled.ConfigureAwait(false));
        }
        catch
        {
            entry.Release();
            throw;
        }
    }

    private async Task<ICompiledModule> CompileAsync(ReadOnlyMemory<byte> bytes, bool metered)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        await _compilers.WaitAsync().ConfigureAwait(false);
        try
        {
            return engine.Compile(bytes.Span, metered);
        }
        finally
        {
            _compilers.Release();
        }
    }

    /// <summary>Adds a lease; under the gate.</summary>
    private void Take(Entry entry)
    {
        if (entry.Leases++ == 0 && entry.Idle is { } place)
        {
            _idle.Remove(place);
            _idleBytes -= entry.Size;
            entry.Idle = null;
        }
    }

    private void Evict()
    {
        while (true)
        {
            Entry oldest;
            lock (_gate)
            {
                if (_idle.First is null || (_idleBytes <= maxIdleBytes && !_isDisposed))
                {
                    return;
                }

                oldest = _idle.First.Value;
                _idle.RemoveFirst();
                _idleBytes -= oldest.Size;
                oldest.Idle = null;
                _entries.Remove(oldest.Key);
            }

            oldest.Compiled.Result.Dispose();
        }
    }

    /// <summary>A module and the number of leases on it.</summary>
    internal sealed class Entry(ModuleCache cache, (string Hash, bool Metered) key, long size, Task<ICompiledModule> compiled)
    {
        public (string Hash, bool Metered) Key => key;

        /// <summary>The module's bytes, not the compiled ones.</summary>
        public long Size => size;

        /// <summary>Its place among those without a lease, or null.</summary>
        public LinkedListNode<Entry>? Idle { get; set; }

        public Task<ICompiledModule> Compiled { get; } = compiled;

        public int Leases { get; set; }

        public void Retain()
        {
            lock (cache._gate)
            {
                Leases++;
            }
        }

        public void Release()
        {
            lock (cache._gate)
            {
                if (--Leases > 0)
                {
                    return;
                }

                if (Compiled.IsCompletedSuccessfully)
                {
                    Idle = cache._idle.AddLast(this);
                    cache._idleBytes += Size;
                }
                else
                {
                    cache._entries.Remove(key);
                }
            }

            cache.Evict();
        }
    }
}
