using Orleans;

namespace HeliosEdge.Grains.Abstractions.Databases;

/// <summary>One statement with its parameters.</summary>
[GenerateSerializer]
[Immutable]
[Alias("HeliosEdge.DatabaseStatement")]
public sealed record DatabaseStatement
{
    /// <summary>The statement.</summary>
    [Id(0)]
    public required string Text { get; init; }

    /// <summary>A JSON array; empty for none.</summary>
    [Id(1)]
    public ReadOnlyMemory<byte> Parameters { get; init; }
}
