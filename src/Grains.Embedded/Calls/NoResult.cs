namespace HeliosEdge.Grains.Embedded.Calls;

/// <summary>The result of a method that returns a plain <see cref="Task"/>.</summary>
internal readonly struct NoResult;
