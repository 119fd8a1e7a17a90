namespace HeliosEdge.Client;

/// <summary>A version of a function. It never changes, but for its weight.</summary>
/// <param name="Version">Its number; the first is 1.</param>
/// <param name="CreatedAt">When it was registered.</param>
/// <param name="Weight">Its part of the calls now, relative to the weights of the others; 0 for none.</param>
/// <param name="Function">What was registered.</param>
public sealed record FunctionVersionInfo(int Version, DateTimeOffset CreatedAt, int Weight, FunctionInfo Function);
