namespace HeliosEdge.Grains.Procedures;

/// <summary>What somebody wants a function of SQL to be; nothing of it is checked yet.</summary>
/// <param name="Kind">Null for <c>scalar</c>.</param>
/// <param name="Arguments">Null for any number.</param>
/// <param name="Deterministic">Null for false.</param>
public sealed record SqlFunctionRequest(string? Kind, long? Arguments, bool? Deterministic);
