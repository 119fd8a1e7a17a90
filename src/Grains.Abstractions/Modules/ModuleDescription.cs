using System.Collections.Immutable;
using Orleans;

namespace HeliosEdge.Grains.Abstractions.Modules;

/// <summary>A stored module.</summary>
[GenerateSerializer]
[Immutable]
[Alias("HeliosEdge.ModuleDescription")]
public sealed record ModuleDescription
{
    /// <summary>SHA-256 of the bytes: 64 lower-case hexadecimal digits.</summary>
    [Id(0)]
    public required string Hash { get; init; }

    /// <summary>Size in bytes.</summary>
    [Id(1)]
    public required long Size { get; init; }

    /// <summary>What it offers, in its own order.</summary>
    [Id(2)]
    public required ImmutableArray<ExportDescription> Exports { get; init; }

    /// <summary>What it needs from its host, in its own order.</summary>
    [Id(3)]
    public required ImmutableArray<ImportDescription> Imports { get; init; }
}
