using Orleans;

namespace HeliosEdge.Grains.Abstractions.Functions;

/// <summary>What a function and each of its invocations may use.</summary>
[GenerateSerializer]
[Immutable]
[Alias("HeliosEdge.FunctionLimits")]
public sealed record FunctionLimits
{
    /// <summary>Linear memory in MiB.</summary>
    [Id(0)]
    public required int MemoryMiB { get; init; }

    /// <summary>Elements of each table.</summary>
    [Id(1)]
    public required int TableElements { get; init; }

    /// <summary>Instances that are alive at the same time in one region.</summary>
    [Id(2)]
    public required int MaxInstances { get; init; }

    /// <summary>Size of the module in bytes.</summary>
    [Id(3)]
    public required int MaxModuleBytes { get; init; }

    /// <summary>Stack of the guest in KiB.</summary>
    [Id(4)]
    public required int StackKiB { get; init; }

    /// <summary>Running time in milliseconds.</summary>
    [Id(5)]
    public required int TimeoutMs { get; init; }

    /// <summary>Instructions; null does not count them.</summary>
    [Id(6)]
    public long? Fuel { get; init; }

    /// <summary>Size of the payload in bytes.</summary>
    [Id(7)]
    public required int MaxPayloadBytes { get; init; }

    /// <summary>Size of the response in bytes.</summary>
    [Id(8)]
    public required int MaxResponseBytes { get; init; }

    /// <summary>Bytes of one string that is given to a host function.</summary>
    [Id(9)]
    public required int MaxStringBytes { get; init; }

    /// <summary>Bytes of one SQL statement, and of its parameters.</summary>
    [Id(10)]
    public required int MaxQueryBytes { get; init; }

    /// <summary>Bytes of environment, arguments and configuration together.</summary>
    [Id(11)]
    public required int MaxConfigBytes { get; init; }

    /// <summary>Bytes of one block that the host allocates in the guest.</summary>
    [Id(12)]
    public required int MaxAllocationBytes { get; init; }

    /// <summary>Calls of host functions.</summary>
    [Id(13)]
    public required int MaxHostCalls { get; init; }

    /// <summary>Bytes of all that is logged.</summary>
    [Id(14)]
    public required int MaxLogBytes { get; init; }

    /// <summary>HTTP requests that the function has under way at the same time in one silo and region.</summary>
    [Id(15)]
    public int MaxHttpRequests
    {
        // Registrations of an earlier release do not state it. Both ways, so that they are equal to those that state the default.
        get => field == 0 ? 32 : field;
        init => field = value == 32 ? 0 : value;
    }
}
