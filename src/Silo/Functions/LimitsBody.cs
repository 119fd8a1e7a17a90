using System.ComponentModel;

namespace HeliosEdge.Silo.Functions;

/// <summary>The limits in the body of a registration, as the API describes them.</summary>
internal sealed record LimitsBody
{
    [Description("Linear memory in MiB; 64 if not stated.")]
    public int? MemoryMiB { get; init; }

    [Description("Elements of each table; 100000 if not stated.")]
    public int? TableElements { get; init; }

    [Description("Instances that are alive at the same time in one region; 100 if not stated.")]
    public int? MaxInstances { get; init; }

    [Description("Size of the module in bytes; 16 MiB if not stated.")]
    public int? MaxModuleBytes { get; init; }

    [Description("Stack of the guest in KiB; 1024 if not stated.")]
    public int? StackKiB { get; init; }

    [Description("Running time in ms; 5000 if not stated.")]
    public int? TimeoutMs { get; init; }

    [Description("Instructions; not counted if not stated.")]
    public long? Fuel { get; init; }

    [Description("Size of the payload in bytes; 1 MiB if not stated.")]
    public int? MaxPayloadBytes { get; init; }

    [Description("Size of the response in bytes; 1 MiB if not stated.")]
    public int? MaxResponseBytes { get; init; }

    [Description("Bytes of one string that is given to a host function; 64 KiB if not stated.")]
    public int? MaxStringBytes { get; init; }

    [Description("Bytes of one SQL statement, and of its parameters; 64 KiB if not stated.")]
    public int? MaxQueryBytes { get; init; }

    [Description("Bytes of env, args and config together; 64 KiB if not stated.")]
    public int? MaxConfigBytes { get; init; }

    [Description("Bytes of one block that the host allocates in the guest; 16 MiB if not stated.")]
    public int? MaxAllocationBytes { get; init; }

    [Description("Calls of host functions; 10000 if not stated.")]
    public int? MaxHostCalls { get; init; }

    [Description("HTTP requests that the function has under way at the same time in one silo and region; 32 if not stated.")]
    public int? MaxHttpRequests { get; init; }

    [Description("Bytes of all that is logged; 64 KiB if not stated.")]
    public int? MaxLogBytes { get; init; }
}
