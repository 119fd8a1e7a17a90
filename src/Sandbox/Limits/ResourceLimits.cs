using HeliosEdge.Sandbox.Engines;

namespace HeliosEdge.Sandbox.Limits;

/// <summary>What a function and each of its invocations may use. <see cref="LimitKinds"/> lists them by name; <see cref="SandboxPolicy"/> checks the values.</summary>
public sealed record ResourceLimits
{
    /// <summary>Linear memory in MiB, what the module starts with included. Default 64.</summary>
    public int MemoryMiB { get; init; } = 64;

    /// <summary>Elements of each table. Default 100,000.</summary>
    public int TableElements { get; init; } = 100_000;

    /// <summary>Instances that are alive at the same time, in one silo and region; more calls wait for one of them. Default 100.</summary>
    public int MaxInstances { get; init; } = 100;

    /// <summary>Size of the module in bytes. Default 16 MiB.</summary>
    public int MaxModuleBytes { get; init; } = 16 << 20;

    /// <summary>Stack of the guest in KiB. Default 1,024.</summary>
    public int StackKiB { get; init; } = 1_024;

    /// <summary>Running time from where the guest is entered to the end of the response, in milliseconds. Default 5,000.</summary>
    public int TimeoutMs { get; init; } = 5_000;

    /// <summary>Instructions, as the engine counts them; null, the default, does not count. Counting makes the guest slower.</summary>
    public long? Fuel { get; init; }

    /// <summary>Size of the payload in bytes. Default 1 MiB.</summary>
    public int MaxPayloadBytes { get; init; } = 1 << 20;

    /// <summary>Size of the response in bytes. Default 1 MiB.</summary>
    public int MaxResponseBytes { get; init; } = 1 << 20;

    /// <summary>Bytes of one string that is given to a host function. Default 64 KiB.</summary>
    public int MaxStringBytes { get; init; } = 65_536;

    /// <summary>Bytes of one SQL statement, and of its parameters. Default 64 KiB.</summary>
    public int MaxQueryBytes { get; init; } = 65_536;

    /// <summary>UTF-8 bytes of the environment, the arguments and the configuration of the registration together. Default 64 KiB.</summary>
    public int MaxConfigBytes { get; init; } = 65_536;

    /// <summary>Bytes of one block that the host allocates in the guest. Default 16 MiB.</summary>
    public int MaxAllocationBytes { get; init; } = 16 << 20;

    /// <summary>Calls of host functions. Default 10,000.</summary>
    public int MaxHostCalls { get; init; } = 10_000;

    /// <summary>HTTP requests that the function has under way at the same time, all its calls together, in one silo and region. Default 32.</summary>
    public int MaxHttpRequests { get; init; } = 32;

    /// <summary>UTF-8 bytes of all that is logged. Default 64 KiB.</summary>
    public int MaxLogBytes { get; init; } = 65_536;

    /// <summary>What of this an engine keeps to by itself.</summary>
    internal InstanceLimits ForInstance(CancellationToken cancellation) =>
        new((long)MemoryMiB << 20, TableElements, TimeSpan.FromMilliseconds(TimeoutMs), StackKiB << 10, Fuel, cancellation);
}
