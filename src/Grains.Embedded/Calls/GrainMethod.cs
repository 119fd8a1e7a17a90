namespace HeliosEdge.Grains.Embedded.Calls;

/// <summary>What the host knows about one method of a grain interface.</summary>
/// <param name="Name">Interface and method, for messages.</param>
/// <param name="Timeout">How long its callers wait.</param>
internal sealed record GrainMethod(string Name, TimeSpan Timeout);
