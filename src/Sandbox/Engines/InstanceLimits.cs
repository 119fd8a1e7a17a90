namespace HeliosEdge.Sandbox.Engines;

/// <summary>What one instance may use.</summary>
/// <param name="MaxMemoryBytes">Linear memory in bytes.</param>
/// <param name="MaxTableElements">Elements of each table.</param>
/// <param name="Deadline">
/// Time from where the instance is made and guest code can first run, over the start function and all calls together, after which whatever guest code runs is stopped with <see cref="GuestTrap.Interrupted"/>.
/// </param>
/// <param name="MaxStackBytes">
/// Stack that guest code may use, from 64 KiB to 256 MiB; deeper calls are stopped with <see cref="GuestTrap.StackExhausted"/>. An engine may
/// round it up to a power of two. What calls into a guest needs no such stack itself: where it has less, the call runs on a thread made for it.
/// </param>
/// <param name="Fuel">
/// Instructions that guest code may run, over all calls together and the start function too, before it is stopped with
/// <see cref="GuestTrap.OutOfFuel"/>; null for any number. Only for modules that were compiled to be metered.
/// </param>
/// <param name="Cancellation">
/// Stops whatever guest code runs, as at the deadline: the managed engine at once, libwasmtime within a few milliseconds.
/// </param>
public readonly record struct InstanceLimits(
    long MaxMemoryBytes,
    long MaxTableElements,
    TimeSpan Deadline,
    int MaxStackBytes = InstanceLimits.DefaultStackBytes,
    long? Fuel = null,
    CancellationToken Cancellation = default)
{
    /// <summary>The stack of guests that nothing else is said about: 1 MiB.</summary>
    public const int DefaultStackBytes = 1 << 20;
}
