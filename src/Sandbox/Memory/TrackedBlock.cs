namespace HeliosEdge.Sandbox.Memory;

/// <summary>A block of guest memory that somebody has to give back.</summary>
/// <param name="Pointer">Where it starts.</param>
/// <param name="Size">Its bytes.</param>
public readonly record struct TrackedBlock(uint Pointer, uint Size);
