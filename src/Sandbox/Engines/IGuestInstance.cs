namespace HeliosEdge.Sandbox.Engines;

/// <summary>
/// One instance of a module with its own memory, tables and globals. One thread at a time; disposing gives everything back at once.
/// The two call shapes are the ones that the ABIs use: fixed shapes let an engine call without boxing or marshalling.
/// </summary>
public interface IGuestInstance : IDisposable
{
    /// <summary>
    /// The exported memory's current size in bytes, 0 where the module exports none. Every call into the guest can change it.
    /// </summary>
    long MemoryLength { get; }

    /// <summary>
    /// True once the guest asked for memory and was refused because of <see cref="InstanceLimits.MaxMemoryBytes"/>
    /// (a refusal because of the module's own maximum does not count), or for want of memory.
    /// </summary>
    bool MemoryGrowthRefused { get; }

    /// <summary>A window on the exported memory, valid until the next call into the guest.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It does not lie within <see cref="MemoryLength"/>.</exception>
    Span<byte> Memory(long offset, int length);

    /// <summary>Calls an export of type <c>(i32) -> (i32)</c>.</summary>
    /// <exception cref="GuestTrapException">The guest trapped or the deadline passed.</exception>
    int Call(string export, int argument);

    /// <summary>Calls an export of type <c>(i32, i32) -> (i64)</c>.</summary>
    /// <exception cref="GuestTrapException">The guest trapped or the deadline passed.</exception>
    long Call(string export, int first, int second);
}
