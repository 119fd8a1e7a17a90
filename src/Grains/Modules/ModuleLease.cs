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

    /// <summary>Another lease on the same module.</summary>
    /// <exception cref="ObjectDisposedException">This one is disposed.</exception>
    public ModuleLease Share()
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
        _entry.Retain();
        return new ModuleLease(_entry, Module);
    }

    /// <summary>Gives the lease back; the module is unloaded with the last one.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _entry.Release();
        }
    }
}
