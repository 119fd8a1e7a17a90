using HeliosEdge.Grains.Abstractions.Databases;
using HeliosEdge.Grains.Abstractions.Regions;
using HeliosEdge.Sandbox;
using Orleans;

namespace HeliosEdge.Silo.Hosting.Clustering;

/// <summary>Has calls of regions end as <see cref="CallFaults"/> says.</summary>
internal sealed class CallFaultFilter : IOutgoingGrainCallFilter
{
    /// <inheritdoc/>
    /// <exception cref="SandboxException">The silo went away, or cannot be reached.</exception>
    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        try
        {
            await context.Invoke();
        }
        catch (Exception e) when (IsOfRegion(context) && CallFaults.Of(e, context.TargetId.Key.ToString()!) is { } fault)
        {
            throw fault;
        }
    }

    private static bool IsOfRegion(IOutgoingGrainCallContext context)
    {
        var contract = context.InterfaceMethod?.DeclaringType;
        return contract == typeof(IRegionGrain) || contract == typeof(IDatabaseGrain);
    }
}
