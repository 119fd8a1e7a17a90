namespace HeliosEdge.Sandbox.Limits;

/// <summary>The limits that a registration asks for; one that is null is left to the policy's default.</summary>
/// <param name="MemoryMiB">As <see cref="ResourceLimits.MemoryMiB"/>.</param>
/// <param name="TimeoutMs">As <see cref="ResourceLimits.TimeoutMs"/>.</param>
/// <param name="MaxPayloadBytes">As <see cref="ResourceLimits.MaxPayloadBytes"/>.</param>
/// <param name="MaxResponseBytes">As <see cref="ResourceLimits.MaxResponseBytes"/>.</param>
public sealed record RequestedLimits(
    long? MemoryMiB = null,
    long? TimeoutMs = null,
    long? MaxPayloadBytes = null,
    long? MaxResponseBytes = null);
