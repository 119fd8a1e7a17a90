using HeliosEdge.Grains.Abstractions.Functions;

namespace HeliosEdge.Grains.Functions;

/// <summary>A version of a function, whether it takes calls or not. It never changes.</summary>
/// <param name="Version">Its number; the first is 1.</param>
/// <param name="CreatedAt">When it was registered.</param>
/// <param name="Weight">Its part of the calls now, relative to the weights of the others; 0 for none.</param>
/// <param name="Function">What was registered.</param>
public sealed record FunctionVersion(int Version, DateTimeOffset CreatedAt, int Weight, FunctionDescription Function);
