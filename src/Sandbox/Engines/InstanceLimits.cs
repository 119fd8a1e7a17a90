namespace HeliosEdge.Sandbox.Engines;

/// <summary>What one instance may use.</summary>
/// <param name="MaxMemoryBytes">Linear memory in bytes.</param>
/// <param name="MaxTableElements">Elements of each table.</param>
/// <param name="Deadline">
/// Time from instantiation on, over all calls together, after which whatever guest code runs is stopped with <see cref="GuestTrap.Interrupted"/>.
/// </param>
public readonly record struct InstanceLimits(long MaxMemoryBytes, long MaxTableElements, TimeSpan Deadline);
