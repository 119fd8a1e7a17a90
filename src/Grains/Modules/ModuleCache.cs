using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Engines.Compilation;

namespace HeliosEdge.Grains.Modules;

/// <summary>
/// The compiled modules in this process's memory: those that somebody has a lease on, which are the ones that run, and of the others those
/// that were used last, as many as fit <see cref="ModuleCacheLimits"/>. However many ask for a module at once, it is compiled once for each
/// <see cref="ModuleBuild"/>.
/// </summary>
public sealed class ModuleCache : IDisposable
{
    /// <summary>How soon the engines are asked for what they have not unloaded yet: much at once, little after a while, and later each time that nothing came of it.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Later = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Latest = TimeSpan.FromMinutes(1);

    private readonly CompilePool _compiler;
    private readonly EngineSet _engines;
    private readonly ModuleCacheLimits _limits;
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Hash, ModuleBuild Build), Entry> _entries = [];

    // Without a lease, the one that lost its last lease most recently at the end.
    private readonly LinkedList<Entry> _idle = [];
    private readonly Timer _reclaimer;
    private ModuleFootprint _loaded;
    private int _leases;
    private TimeSpan _pause = Later;
    private bool _isReclaiming;
    private bool _isDisposed;

    /// <summary>Makes an empty cache.</summary>
    /// <param name="compiler">What compiles.</param>
    /// <param name="limits">What the modules may take.</param>
    public ModuleCache(CompilePool compiler, ModuleCacheLimits limits)
    {
        _compiler = compiler;
        _engines = compiler.Engines;
        _limits = limits;
        _reclaimer = new Timer(static cache => ((ModuleCache)cache!).Reclaim(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

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

    /// <summary>What the modules in memory take.</summary>
    public ModuleFootprint Loaded
    {
        get
        {
            lock (_gate)
            {
                return _loaded;
            }
        }
    }

    /// <summary>How many leases there are.</summary>
    internal int Leases
    {
        get
        {
            lock (_gate)
            {
                return _leases;
            }
        }
    }

    /// <summary>Leases a module that is in memory; null if it is not, or is still being compiled.</summary>
    public ModuleLease? TryLease(string hash, ModuleBuild build)
    {
        Entry? entry;
        lock (_gate)
        {
            if (!_entries.TryGetValue((hash, build), out entry) || !entry.Compiled.IsCompletedSuccessfully)
            {
                return null;
            }

            Take(entry);
        }

        return new ModuleLease(entry, entry.Compiled.Result);
    }

    /// <summary>Leases a module, compiled if it is not in memory.</summary>
    /// <param name="hash">The module's hash.</param>
    /// <param name="build">What it is to be compiled for.</param>
    /// <param name="read">Gives the module's bytes, if they are needed.</param>
    /// <param name="caller">Who wants it, as for <see cref="CompilePool.CompileAsync"/>.</param>
    /// <exception cref="SandboxException">
    /// As <see cref="CompilePool.CompileAsync"/>; <see cref="ErrorCodes.Overloaded"/>: the modules that run take all that modules may take.
    /// </exception>
    public async Task<ModuleLease> LeaseAsync(string hash, ModuleBuild build, Func<Task<ReadOnlyMemory<byte>>> read, string caller = CompilePool.Silo)
    {
        var key = (hash, build);
        Entry? entry;
        lock (_gate)
        {
            if (!_entries.TryGetValue(key, out entry))
            {
                entry = new Entry(this, key);
                entry.Compiled = CompileAsync(entry, read, caller);
                _entries.Add(key, entry);
            }

            Take(entry);
        }

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

    /// <summary>Unloads a module that no function names any more, with its last lease at the latest. Whoever asks for it again has it compiled again.</summary>
    public void Forget(string hash)
    {
        foreach (var engine in _engines.All)
        {
            Forget((hash, new ModuleBuild(engine)));
            Forget((hash, new ModuleBuild(engine, IsMetered: true)));
        }
    }

    /// <summary>Unloads what nobody holds a lease on.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
        }

        Evict();
        _reclaimer.Dispose();
    }

    private void Forget((string Hash, ModuleBuild Build) key)
    {
        Entry? entry;
        lock (_gate)
        {
            if (!_entries.TryGetValue(key, out entry))
            {
                return;
            }

            if (entry.Leases > 0)
            {
                entry.IsForgotten = true;
                return;
            }

            Remove(entry);
        }

        entry.Compiled.Result.Dispose();
        ReclaimLater();
    }

    private async Task<ICompiledModule> CompileAsync(Entry entry, Func<Task<ReadOnlyMemory<byte>>> read, string caller)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var bytes = await read().ConfigureAwait(false);
        var module = await _compiler.CompileAsync(bytes, entry.Key.Build, caller, MakeRoom).ConfigureAwait(false);
        entry.Size = bytes.Length;
        lock (_gate)
        {
            Measure(entry, module);
        }

        return module;
    }

    /// <summary>Makes sure that one more module can be loaded.</summary>
    private void MakeRoom()
    {
        ModuleFootprint loaded;
        bool isFull, isOver;
        do
        {
            Evict();
            lock (_gate)
            {
                // While this thread evicted, others may have loaded more.
                loaded = _loaded;
                isOver = loaded.Exceeds(_limits.Loaded);
                isFull = isOver && _idle.Count == 0;
            }
        }
        while (isOver && !isFull);

        if (_engines.Lingering.Exceeds(_limits.Loaded / 2))
        {
            _engines.Reclaim(now: true);
        }

        if (isFull)
        {
            var (what, limit, value) = loaded.Mappings > _limits.Loaded.Mappings ? ("mappings", _limits.Loaded.Mappings, loaded.Mappings)
                : loaded.Descriptors > _limits.Loaded.Descriptors ? ("descriptors", _limits.Loaded.Descriptors, loaded.Descriptors)
                : ("bytes", _limits.Loaded.Bytes, loaded.Bytes);
            throw new SandboxException(
                ErrorCodes.Overloaded, $"The modules that run at the moment take {value} {what}; all modules together may take {limit}.")
            {
                Limit = limit,
                Value = value,
            };
        }
    }

    /// <summary>Adds a lease; under the gate.</summary>
    private void Take(Entry entry)
    {
        _leases++;
        entry.IsForgotten = false;
        if (entry.Leases++ == 0 && entry.Place.List is not null)
        {
            _idle.Remove(entry.Place);
        }
    }

    /// <summary>Counts what a module takes; under the gate.</summary>
    private void Measure(Entry entry, ICompiledModule module)
    {
        var footprint = module.Footprint;
        _loaded += footprint - entry.Footprint;
        entry.Footprint = footprint;
    }

    private void Evict()
    {
        var hasEvicted = false;
        while (true)
        {
            Entry oldest;
            lock (_gate)
            {
                if (_idle.First is null || !(_isDisposed || _idle.Count > _limits.MaxIdle || _loaded.Exceeds(_limits.Loaded)))
                {
                    break;
                }

                oldest = _idle.First.Value;
                Remove(oldest);
            }

            oldest.Compiled.Result.Dispose();
            hasEvicted = true;
        }

        if (hasEvicted)
        {
            ReclaimLater();
        }
    }

    /// <summary>Takes an idle module out; under the gate.</summary>
    private void Remove(Entry entry)
    {
        _idle.Remove(entry.Place);
        _entries.Remove(entry.Key);
        _loaded -= entry.Footprint;
    }

    private void ReclaimLater()
    {
        var lingering = _engines.Lingering;
        lock (_gate)
        {
            if (lingering == default || _isDisposed)
            {
                return;
            }

            _pause = Later;
            var isMuch = lingering.Exceeds(_limits.Loaded / 8);
            if (!_isReclaiming || isMuch)
            {
                _isReclaiming = true;
                _reclaimer.Change(isMuch ? Soon : Later, Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <summary>Called by the timer until nothing is left to be unloaded.</summary>
    private void Reclaim()
    {
        var before = _engines.Lingering;
        if (before != default)
        {
            _engines.Reclaim(now: false);
        }

        lock (_gate)
        {
            _isReclaiming = before != default && !_isDisposed;
            if (_isReclaiming)
            {
                // What one collection finds unused the next one frees; what is still used then may be so for long.
                _reclaimer.Change(_pause, Timeout.InfiniteTimeSpan);
                _pause = _pause * 2 < Latest ? _pause * 2 : Latest;
            }
        }
    }

    private void Release(Entry entry)
    {
        var isForgotten = false;
        lock (_gate)
        {
            _leases--;
            if (--entry.Leases > 0)
            {
                return;
            }

            if (!entry.Compiled.IsCompletedSuccessfully)
            {
                _entries.Remove(entry.Key);
                return;
            }

            Measure(entry, entry.Compiled.Result);
            _idle.AddLast(entry.Place);
            if (entry.IsForgotten)
            {
                Remove(entry);
                isForgotten = true;
            }
        }

        if (isForgotten)
        {
            entry.Compiled.Result.Dispose();
            ReclaimLater();
        }

        Evict();
    }

    /// <summary>A module and the number of leases on it.</summary>
    internal sealed class Entry
    {
        private readonly ModuleCache _cache;

        public Entry(ModuleCache cache, (string Hash, ModuleBuild Build) key)
        {
            _cache = cache;
            Key = key;
            Place = new LinkedListNode<Entry>(this);
        }

        public (string Hash, ModuleBuild Build) Key { get; }

        /// <summary>The module's bytes, not the compiled ones.</summary>
        public long Size { get; set; }

        public ModuleFootprint Footprint { get; set; }

        /// <summary>Its place among those without a lease, if it is one.</summary>
        public LinkedListNode<Entry> Place { get; }

        public Task<ICompiledModule> Compiled { get; set; } = null!;

        public int Leases { get; set; }

        /// <summary>Whether it goes with its last lease.</summary>
        public bool IsForgotten { get; set; }

        public void Release() => _cache.Release(this);
    }
}
