namespace HeliosEdge.Sandbox.Limits;

/// <summary>What one invocation of a function may use. All values are positive; <see cref="SandboxPolicy"/> checks them.</summary>
public sealed record ResourceLimits
{
    /// <summary>Linear memory in MiB, what the module starts with included. Default 64.</summary>
    public int MemoryMiB { get; init; } = 64;

    /// <summary>Elements of each table. Default 100,000.</summary>
    public int TableElements { get; init; } = 100_000;

    /// <summary>Running time from instantiation to the end of the response, in milliseconds. Default 5,000.</summary>
    public int TimeoutMs { get; init; } = 5_000;

    /// <summary>Size of the payload in bytes. Default 1 MiB.</summary>
    public int MaxPayloadBytes { get; init; } = 1 << 20;

    /// <summary>Size of the response in bytes. Default 1 MiB.</summary>
    public int MaxResponseBytes { get; init; } = 1 << 20;

    /// <summary>Calls of host functions. Default 10,000.</summary>
    public int MaxHostCalls { get; init; } = 10_000;

    /// <summary>UTF-8 bytes of all that is logged. Default 64 KiB.</summary>
    public int MaxLogBytes { get; init; } = 65_536;

    /// <summary>Bytes of one string that is given to a host function. Default 64 KiB.</summary>
    public int MaxStringBytes { get; init; } = 65_536;
}
