using System.Collections.Immutable;
using HeliosEdge.Grains.Abstractions.Pipelines;

namespace HeliosEdge.Silo.Pipelines;

/// <summary>The pipelines of a database in a region, sorted by name.</summary>
/// <param name="Region">The region.</param>
/// <param name="Pipelines">The pipelines.</param>
internal sealed record PipelineList(string Region, ImmutableArray<PipelineDescription> Pipelines);
