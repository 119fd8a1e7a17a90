using System.Collections.Immutable;

namespace HeliosEdge.Silo.Pipelines;

/// <summary>Changes that a pipeline's function, or its sink, did not take; the oldest first.</summary>
/// <param name="Changes">The changes.</param>
internal sealed record DeadChangeList(ImmutableArray<DeadChangeView> Changes);
