using HeliosEdge.Grains.Abstractions.Functions;

namespace HeliosEdge.Grains.Placement;

/// <summary>A region that another silo serves.</summary>
public interface IRegionPeer
{
    /// <summary>The region's name.</summary>
    string Region { get; }

    /// <summary>Whether it can be reached, as far as is known; true while nothing is known.</summary>
    bool IsReachable { get; }

    /// <summary>Has the region run an invocation.</summary>
    /// <returns>
    /// The result as the other silo gave it; or the fault <see cref="Sandbox.ErrorCodes.RegionUnavailable"/> where the invocation cannot have begun,
    /// <see cref="Sandbox.ErrorCodes.PeerFailed"/> where it may have.
    /// </returns>
    Task<InvocationResult> InvokeAsync(InvocationOrder order, CancellationToken cancellationToken);
}
