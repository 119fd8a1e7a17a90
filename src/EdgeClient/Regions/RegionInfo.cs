namespace HeliosEdge.EdgeClient;

/// <summary>A region that a silo serves.</summary>
/// <param name="Name">The region's name, such as <c>eu-west</c>.</param>
/// <param name="Functions">How many functions are registered in it.</param>
public sealed record RegionInfo(string Name, int Functions);
