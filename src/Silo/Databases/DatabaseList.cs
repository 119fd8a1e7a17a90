using System.Collections.Immutable;
using HeliosEdge.Grains.Abstractions.Databases;

namespace HeliosEdge.Silo.Databases;

/// <summary>The SQL databases of a region.</summary>
/// <param name="Region">The region.</param>
/// <param name="Databases">Its databases, sorted by name.</param>
internal sealed record DatabaseList(string Region, ImmutableArray<DatabaseDescription> Databases);
