using HeliosEdge.Client;

namespace HeliosEdge.Cli.Commands;

/// <summary>A limit by the name that registrations have for it.</summary>
internal sealed record LimitName(string Name, long Largest, Func<FunctionLimits, long?> Get, Func<FunctionLimits, long, FunctionLimits> With);

/// <summary>All limits, in the order in which they are shown.</summary>
internal static class LimitNames
{
    public static IReadOnlyList<LimitName> All { get; } =
    [
        new("memoryMiB", int.MaxValue, l => l.MemoryMiB, (l, v) => l with { MemoryMiB = (int)v }),
        new("tableElements", int.MaxValue, l => l.TableElements, (l, v) => l with { TableElements = (int)v }),
        new("maxInstances", int.MaxValue, l => l.MaxInstances, (l, v) => l with { MaxInstances = (int)v }),
        new("maxModuleBytes", long.MaxValue, l => l.MaxModuleBytes, (l, v) => l with { MaxModuleBytes = v }),
        new("stackKiB", int.MaxValue, l => l.StackKiB, (l, v) => l with { StackKiB = (int)v }),
        new("timeoutMs", int.MaxValue, l => l.TimeoutMs, (l, v) => l with { TimeoutMs = (int)v }),
        new("fuel", long.MaxValue, l => l.Fuel, (l, v) => l with { Fuel = v }),
        new("maxPayloadBytes", long.MaxValue, l => l.MaxPayloadBytes, (l, v) => l with { MaxPayloadBytes = v }),
        new("maxResponseBytes", long.MaxValue, l => l.MaxResponseBytes, (l, v) => l with { MaxResponseBytes = v }),
        new("maxStringBytes", long.MaxValue, l => l.MaxStringBytes, (l, v) => l with { MaxStringBytes = v }),
        new("maxQueryBytes", long.MaxValue, l => l.MaxQueryBytes, (l, v) => l with { MaxQueryBytes = v }),
        new("maxConfigBytes", long.MaxValue, l => l.MaxConfigBytes, (l, v) => l with { MaxConfigBytes = v }),
        new("maxAllocationBytes", long.MaxValue, l => l.MaxAllocationBytes, (l, v) => l with { MaxAllocationBytes = v }),
        new("maxHostCalls", int.MaxValue, l => l.MaxHostCalls, (l, v) => l with { MaxHostCalls = (int)v }),
        new("maxHttpRequests", int.MaxValue, l => l.MaxHttpRequests, (l, v) => l with { MaxHttpRequests = (int)v }),
        new("maxLogBytes", long.MaxValue, l => l.MaxLogBytes, (l, v) => l with { MaxLogBytes = v }),
    ];

    public static LimitName? Find(string name) => All.FirstOrDefault(limit => limit.Name == name);
}
