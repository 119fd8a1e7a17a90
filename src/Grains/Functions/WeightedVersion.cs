using HeliosEdge.Grains.Abstractions.Functions;

namespace HeliosEdge.Grains.Functions;

/// <summary>A version of a function that takes calls.</summary>
/// <param name="Function">The version.</param>
/// <param name="Weight">Its part of the calls, relative to the weights of the others; greater than 0.</param>
public sealed record WeightedVersion(FunctionDescription Function, int Weight);
