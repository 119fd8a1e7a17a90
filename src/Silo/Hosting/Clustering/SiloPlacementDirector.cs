using Orleans.Runtime;
using Orleans.Runtime.Placement;

namespace HeliosEdge.Silo.Hosting.Clustering;

/// <summary>Places a grain on the silo that its key names.</summary>
internal sealed class SiloPlacementDirector : IPlacementDirector
{
    /// <inheritdoc/>
    /// <exception cref="SiloUnavailableException">That silo is not up.</exception>
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var silo = SiloAddress.FromParsableString(target.GrainIdentity.Key.ToString()!);
        return context.GetCompatibleSilos(target).Contains(silo)
            ? Task.FromResult(silo)
            : throw new SiloUnavailableException($"The silo {silo} is not up.");
    }
}
