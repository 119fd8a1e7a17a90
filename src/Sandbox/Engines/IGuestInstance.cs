using System.Collections.Immutable;

namespace HeliosEdge.Sandbox.Engines;

/// <summary>
/// One instance of a module with its own memory, tables and globals. One thread at a time; disposing gives everything back at once.
/// The call shapes are the ones that the ABIs use: fixed shapes let an engine call without boxing or marshalling. <see cref="Invoke"/> is for all others.
/// </summary>
public interface IGuestInstance : IGuestAccess, IDisposable
{
    /// <summary>When guest code could first run, by <see cref="System.Diagnostics.Stopwatch"/>: its deadline counts from there.</summary>
    long EnteredAt { get; }

    /// <summary>
    /// True once the guest asked for memory and was refused because of <see cref="InstanceLimits.MaxMemoryBytes"/>
    /// (a refusal because of the module's own maximum does not count), or for want of memory.
    /// </summary>
    bool MemoryGrowthRefused { get; }

    /// <summary>Calls an export of type <c>(i32, i32) -> (i64)</c>.</summary>
    /// <exception cref="GuestTrapException">The guest trapped or the deadline passed.</exception>
    long Call(string export, int first, int second);

    /// <summary>Calls an export of type <c>() -> ()</c>.</summary>
    /// <exception cref="GuestTrapException">The guest trapped or the deadline passed.</exception>
    void Run(string export);

    /// <summary>Calls an export of type <c>() -> (i32)</c>.</summary>
    /// <exception cref="GuestTrapException">The guest trapped or the deadline passed.</exception>
    int Call(string export);

    /// <summary>Calls an export of any type, for callers who learn the type at run time; slower than the fixed shapes.</summary>
    /// <param name="export">The export.</param>
    /// <param name="arguments">Its arguments; of references, only null.</param>
    /// <returns>Its results, first to last.</returns>
    /// <exception cref="ArgumentException">The guest exports no such function, or the arguments are not those of its type.</exception>
    /// <exception cref="GuestTrapException">The guest trapped or the deadline passed.</exception>
    ImmutableArray<GuestValue> Invoke(string export, ReadOnlySpan<GuestValue> arguments);
}
