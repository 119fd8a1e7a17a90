using Orleans;

namespace HeliosEdge.Grains.Abstractions.Functions;

/// <summary>A header field of HTTP.</summary>
/// <param name="Name">Its name, in lower case.</param>
/// <param name="Value">Its value, without space around it.</param>
[GenerateSerializer]
[Immutable]
[Alias("HeliosEdge.HttpField")]
public readonly record struct HttpField([property: Id(0)] string Name, [property: Id(1)] string Value);
