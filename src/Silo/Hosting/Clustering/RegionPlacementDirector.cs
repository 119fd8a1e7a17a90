using System.Collections.Concurrent;
using HeliosEdge.Grains.Placement;
using HeliosEdge.Sandbox;
using Orleans.Runtime;
using Orleans.Runtime.Placement;

namespace HeliosEdge.Silo.Hosting.Clustering;

/// <summary>
/// Places a grain on a silo of the region in its key. Of two such silos, taken at random, it takes the one that it has given fewer grains:
/// that spreads them evenly without asking anybody how loaded it is.
/// </summary>
internal sealed class RegionPlacementDirector(ClusterRegions regions) : IPlacementDirector
{
    private readonly ConcurrentDictionary<SiloAddress, int> _placed = new();

    /// <inheritdoc/>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.RegionUnavailable"/>: no silo of the region is up. The caller of the grain gets it.</exception>
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var region = RegionPlacement.RegionOf(target.GrainIdentity.Key.ToString()!);
        var silos = context.GetCompatibleSilos(target);
        var candidates = silos.Where(silo => regions.Serves(silo, region)).ToArray();
        if (candidates.Length == 0)
        {
            throw new SandboxException(ErrorCodes.RegionUnavailable, $"No silo of the region {region} is up.");
        }

        foreach (var gone in _placed.Keys.Except(silos))
        {
            _placed.TryRemove(gone, out _);
        }

        var chosen = Lighter(candidates);
        _placed.AddOrUpdate(chosen, 1, static (_, count) => count + 1);
        return Task.FromResult(chosen);
    }

    private SiloAddress Lighter(SiloAddress[] candidates)
    {
        var one = Random.Shared.Next(candidates.Length);
        var other = candidates[(one + 1 + Random.Shared.Next(Math.Max(1, candidates.Length - 1))) % candidates.Length];
        return _placed.GetValueOrDefault(other) < _placed.GetValueOrDefault(candidates[one]) ? other : candidates[one];
    }
}
