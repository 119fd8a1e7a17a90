namespace HeliosEdge.Client;

/// <summary>An SQL database of a region.</summary>
/// <param name="Name">Its name in the region.</param>
/// <param name="Kind">What it is: <c>sqlite</c> or <c>postgresql</c>.</param>
public sealed record DatabaseInfo(string Name, string Kind);
