using Orleans;

namespace HeliosEdge.Grains.Abstractions.Bundles;

/// <summary>A stored bundle of read-only files.</summary>
[GenerateSerializer]
[Immutable]
[Alias("HeliosEdge.BundleDescription")]
public sealed record BundleDescription
{
    /// <summary>SHA-256 of the archive: 64 lower-case hexadecimal digits.</summary>
    [Id(0)]
    public required string Hash { get; init; }

    /// <summary>Size of the archive in bytes.</summary>
    [Id(1)]
    public required long Size { get; init; }

    /// <summary>How many files are in it.</summary>
    [Id(2)]
    public required int Files { get; init; }

    /// <summary>Bytes of all files together, unpacked.</summary>
    [Id(3)]
    public required long FileBytes { get; init; }
}
