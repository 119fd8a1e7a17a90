using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Http;
using HeliosEdge.Sandbox;

namespace HeliosEdge.Grains.Placement;

/// <summary>The functions on the other silos of the cluster.</summary>
public interface IRemoteFunctions
{
    /// <summary>Runs a function once on another silo that serves a region.</summary>
    /// <param name="region">The region.</param>
    /// <param name="name">The function's name.</param>
    /// <param name="call">The call.</param>
    /// <param name="stream">Takes the answer while the guest writes it; null for one that comes with the result.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="SandboxException">
    /// <see cref="ErrorCodes.RegionUnavailable"/>: no silo of the region could be reached, nothing has run. <see cref="ErrorCodes.PeerFailed"/>: the silo went away, the call may have run.
    /// </exception>
    Task<InvocationResult> InvokeAsync(string region, string name, FunctionCall call, StreamedResponse? stream, CancellationToken cancellationToken);
}
