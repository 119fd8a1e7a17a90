using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Sandbox;
using Orleans;
using Orleans.Runtime;

namespace HeliosEdge.Silo.Hosting.Clustering;

/// <summary>Says in the platform's own words what became of a call whose silo went away.</summary>
internal sealed class CallFaultFilter : IOutgoingGrainCallFilter
{
    /// <inheritdoc/>
    /// <exception cref="SandboxException">
    /// <see cref="ErrorCodes.PeerFailed"/>: the silo went away, the call may have run. <see cref="ErrorCodes.RegionUnavailable"/>: it did not get there.
    /// </exception>
    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        if (context.InterfaceMethod?.DeclaringType?.Assembly != typeof(IEdgeFunctionGrain).Assembly)
        {
            await context.Invoke();
            return;
        }

        try
        {
            await context.Invoke();
        }
        catch (SiloUnavailableException e)
        {
            throw new SandboxException(ErrorCodes.PeerFailed, $"The silo of {context.TargetId.Key} went away before it answered.", e);
        }
        catch (OrleansMessageRejectionException e)
        {
            throw new SandboxException(ErrorCodes.RegionUnavailable, $"The silo of {context.TargetId.Key} can not be reached.", e);
        }
    }
}
