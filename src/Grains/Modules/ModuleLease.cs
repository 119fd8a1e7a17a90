using HeliosEdge.Sandbox.Engines;

namespace HeliosEdge.Grains.Modules;

/// <summary>The right to use a compiled module until it is disposed.</summary>
public sealed class ModuleLease : IDisposable
{
    private readonly ModuleCache.Entry _entry;
    private int _disposed;

    internal ModuleLease(ModuleCache.Entry entry, ICompiledModule module)
    {
        _entry = entry;
        Module = module;
    }

    /// <summary>The module; not to be disposed by the holder.</summary>
    public ICompiledModule Module { get; }

    /// <summary>Size of the module as it was uploaded, in bytes.</summary>
    public long ModuleBytes => _entry.Size;

    /// <summary>Gives the lease back; from the last one on, the module may be unloaded.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _entry.Release();
        }
    }
}
