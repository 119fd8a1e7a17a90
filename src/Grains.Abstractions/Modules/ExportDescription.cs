using Orleans;

namespace HeliosEdge.Grains.Abstractions.Modules;

/// <summary>One export of a module.</summary>
[GenerateSerializer]
[Immutable]
[Alias("HeliosEdge.ExportDescription")]
public sealed record ExportDescription
{
    /// <summary>Its name, unique in the module.</summary>
    [Id(0)]
    public required string Name { get; init; }

    /// <summary><c>function</c>, <c>table</c>, <c>memory</c> or <c>global</c>.</summary>
    [Id(1)]
    public required string Kind { get; init; }

    /// <summary>Its type, such as <c>(i32, i32) -> (i64)</c> or <c>memory 2..16</c>.</summary>
    [Id(2)]
    public required string Type { get; init; }
}
