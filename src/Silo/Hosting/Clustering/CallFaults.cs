using HeliosEdge.Sandbox;
using Orleans.Runtime;

namespace HeliosEdge.Silo.Hosting.Clustering;

/// <summary>Says in the platform's own words what became of a call whose silo went away.</summary>
internal static class CallFaults
{
    /// <summary>
    /// <see cref="ErrorCodes.PeerFailed"/> where the call may have run, <see cref="ErrorCodes.RegionUnavailable"/> where it did not get there; null for what is no fault of that kind.
    /// </summary>
    /// <param name="e">What the call ended with.</param>
    /// <param name="target">What was called.</param>
    public static SandboxException? Of(Exception e, string target) => e switch
    {
        SandboxException { Code: ErrorCodes.RegionUnavailable } unavailable => unavailable,
        OrleansMessageRejectionException => new SandboxException(ErrorCodes.RegionUnavailable, $"The silo of {target} cannot be reached.", e),
        SiloUnavailableException or EnumerationAbortedException => WentAway(target, e),
        TimeoutException => new SandboxException(ErrorCodes.PeerFailed, $"The silo of {target} did not answer in time.", e),
        _ => null,
    };

    /// <summary>What is said where a call may have run.</summary>
    public static SandboxException WentAway(string target, Exception e) => new(ErrorCodes.PeerFailed, $"The silo of {target} went away before it answered.", e);
}
