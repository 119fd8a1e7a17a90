using System.Collections.Immutable;
using HeliosEdge.Grains.Functions;

namespace HeliosEdge.Silo.Functions;

/// <summary>Versions of a function, the newest first.</summary>
/// <param name="Versions">The versions.</param>
/// <param name="Next">What <c>before</c> is for the next page; null where this is the last one.</param>
internal sealed record VersionList(ImmutableArray<FunctionVersion> Versions, int? Next);
