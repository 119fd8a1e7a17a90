using System.Collections.Immutable;
using HeliosEdge.Grains.Abstractions.Regions;

namespace HeliosEdge.Silo.Regions;

/// <summary>Regions, the preferred one first.</summary>
/// <param name="Regions">The regions.</param>
internal sealed record RegionList(ImmutableArray<RegionDescription> Regions);
