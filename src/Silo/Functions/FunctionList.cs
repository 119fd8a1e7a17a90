using System.Collections.Immutable;
using HeliosEdge.Grains.Abstractions.Functions;

namespace HeliosEdge.Silo.Functions;

/// <summary>Functions, sorted by name.</summary>
/// <param name="Functions">The functions.</param>
internal sealed record FunctionList(ImmutableArray<FunctionDescription> Functions);
