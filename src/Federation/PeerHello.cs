using System.Collections.Immutable;

namespace HeliosEdge.Federation;

/// <summary>What a silo tells another one about itself.</summary>
/// <param name="Regions">The regions that it serves, and how many functions each has.</param>
internal sealed record PeerHello(ImmutableDictionary<string, int> Regions);
