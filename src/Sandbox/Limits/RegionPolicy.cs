using HeliosEdge.Sandbox.Security;

namespace HeliosEdge.Sandbox.Limits;

/// <summary>What the operator lets guests have in one region, below what the whole silo lets them have.</summary>
public sealed record RegionPolicy
{
    /// <summary>The most that a function may ask for there; null leaves it to <see cref="SandboxPolicy.Ceiling"/>.</summary>
    public RequestedLimits Ceiling { get; init; } = RequestedLimits.None;

    /// <summary>The capabilities that a function may have there. Default all.</summary>
    public Capability Capabilities { get; init; } = CapabilityNames.Every;
}
