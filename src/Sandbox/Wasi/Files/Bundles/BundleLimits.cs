namespace HeliosEdge.Sandbox.Wasi.Files.Bundles;

/// <summary>What a bundle may be at most. <see cref="BundleLimitKind.All"/> lists the limits by name; <see cref="Limits.SandboxPolicy"/> checks the values.</summary>
public sealed record BundleLimits
{
    /// <summary>Bytes of the ZIP archive. Default 16 MiB.</summary>
    public int MaxArchiveBytes { get; init; } = 16 << 20;

    /// <summary>Bytes of all files together, unpacked. Default 64 MiB.</summary>
    public long MaxFileBytes { get; init; } = 64 << 20;

    /// <summary>Files and folders together, folders that only occur in the paths of others included. Default 10,000.</summary>
    public int MaxEntries { get; init; } = 10_000;

    /// <summary>UTF-8 bytes of a path. Default 1,024.</summary>
    public int MaxPathBytes { get; init; } = 1_024;

    /// <summary>Folders on the way to a file. Default 32.</summary>
    public int MaxDepth { get; init; } = 32;
}
