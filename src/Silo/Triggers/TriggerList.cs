using System.Collections.Immutable;
using HeliosEdge.Grains.Abstractions.Databases;

namespace HeliosEdge.Silo.Triggers;

/// <summary>The triggers of a database in a region, sorted by name.</summary>
/// <param name="Region">The region.</param>
/// <param name="Triggers">The triggers.</param>
internal sealed record TriggerList(string Region, ImmutableArray<TriggerDescription> Triggers);
