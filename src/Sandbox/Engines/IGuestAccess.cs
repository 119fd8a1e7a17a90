namespace HeliosEdge.Sandbox.Engines;

/// <summary>How the host reaches into an instance, from outside or from within a host function: its memory and its allocator.</summary>
public interface IGuestAccess
{
    /// <summary>True if the guest exports a memory.</summary>
    bool HasMemory { get; }

    /// <summary>
    /// The exported memory's current size in bytes, 0 where the module exports none. Every call into the guest can change it.
    /// </summary>
    long MemoryLength { get; }

    /// <summary>A window on the exported memory, valid until the next call into the guest.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It does not lie within <see cref="MemoryLength"/>.</exception>
    Span<byte> Memory(long offset, int length);

    /// <summary>True if the guest exports a function of this name and type; see <see cref="ModuleExport.Type"/> for the text.</summary>
    bool HasFunction(string export, string type);

    /// <summary>Calls an export of type <c>(i32) -> (i32)</c>.</summary>
    /// <exception cref="GuestTrapException">The guest trapped or the deadline passed.</exception>
    int Call(string export, int argument);

    /// <summary>Calls an export of type <c>(i32, i32) -> ()</c>.</summary>
    /// <exception cref="GuestTrapException">The guest trapped or the deadline passed.</exception>
    void Run(string export, int first, int second);
}
