namespace HeliosEdge.Wasm;

/// <summary>What the guests of one store may take.</summary>
public sealed record StoreLimits
{
    /// <summary>Bytes of each linear memory; growth past it fails in the guest. Default 4 GiB, the most a memory can have.</summary>
    public long MaxMemoryBytes { get; init; } = 4L << 30;

    /// <summary>Elements of each table; growth past it fails in the guest. Default 10,000,000.</summary>
    public long MaxTableElements { get; init; } = 10_000_000;

    /// <summary>Bytes of stack that one call into the store may use. Default 1 MiB, at least 64 KiB, at most 256 MiB.</summary>
    public int MaxStackBytes { get; init; } = 1 << 20;

    /// <summary>Instances in the store. Default 10,000.</summary>
    public int MaxInstances { get; init; } = 10_000;
}
