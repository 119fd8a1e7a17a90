using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Sandbox;
using Orleans.Placement;
using Orleans.Runtime;
using Orleans.Runtime.Placement;

namespace HeliosEdge.Silo.Hosting.Clustering;

/// <summary>Leaves of the silos on which a grain could live the one that its key names, where that is up and serves its region, else all that serve it.</summary>
internal sealed class RegionFilterDirector(ClusterRegions regions) : IPlacementFilterDirector
{
    /// <inheritdoc/>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.RegionUnavailable"/>: no silo of the region is up. The caller of the grain gets it.</exception>
    public IEnumerable<SiloAddress> Filter(PlacementFilterStrategy filterStrategy, PlacementTarget target, IEnumerable<SiloAddress> silos)
    {
        var key = target.GrainIdentity.Key.ToString()!;
        var region = FunctionKey.RegionOf(key);
        SiloAddress[] serving = [.. silos.Where(silo => regions.Serves(silo, region))];
        if (serving.Length == 0)
        {
            throw RegionUnavailable(region);
        }

        return FunctionKey.SiloOf(key) is { } stated && serving.FirstOrDefault(silo => silo.ToParsableString() == stated) is { } one ? [one] : serving;
    }

    /// <summary>What is said where no silo of a region is up.</summary>
    public static SandboxException RegionUnavailable(string region) => new(ErrorCodes.RegionUnavailable, $"No silo of the region {region} is up.");
}
