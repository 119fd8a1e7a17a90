using HeliosEdge.Sandbox.Engines;

namespace HeliosEdge.Grains.Modules;

/// <summary>
/// The compiled modules in this process's memory, each for as long as somebody holds a lease on it. However many ask for a
/// module at once, it is compiled once.
/// </summary>
public sealed class ModuleCache(IWasmEngine engine)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

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

    /// <summary>Leases a module that is in memory or being compiled for somebody else; null if it is not.</summary>
    public async Task<ModuleLease?> TryLeaseAsync(string hash)
    {
        Entry? entry;
        lock (_gate)
        {
            if (!_entries.TryGetValue(hash, out entry))
            {
                return null;
            }

            entry.Leases++;
        }

        return await LeaseAsync(entry).ConfigureAwait(false);
    }

    /// <summary>Leases a module, compiled from <paramref name="bytes"/> if it is not in memory.</summary>
    /// <exception cref="Sandbox.SandboxException">As <see cref="IWasmEngine.Compile"/>.</exception>
    public async Task<ModuleLease> LeaseAsync(string hash, ReadOnlyMemory<byte> bytes)
    {
        Entry? entry;
        lock (_gate)
        {
            if (!_entries.TryGetValue(hash, out entry))
            {
                entry = new Entry(this, hash, CompileAsync(bytes));
                _entries.Add(hash, entry);
            }

            entry.Leases++;
        }

        return await LeaseAsync(entry).ConfigureAwait(false);
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

    private async Task<ICompiledModule> CompileAsync(ReadOnlyMemory<byte> bytes)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        await _compilers.WaitAsync().ConfigureAwait(false);
        try
        {
            return engine.Compile(bytes.Span);
        }
        finally
        {
            _compilers.Release();
        }
    }

    /// <summary>A module and the number of leases on it.</summary>
    internal sealed class Entry(ModuleCache cache, string hash, Task<ICompiledModule> compiled)
    {
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

                cache._entries.Remove(hash);
            }

            if (Compiled.IsCompletedSuccessfully)
            {
                Compiled.Result.Dispose();
            }
        }
    }
}
