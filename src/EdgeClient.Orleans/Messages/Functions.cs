using HeliosEdge.Grains.Abstractions.Functions;

namespace HeliosEdge.Client.Messages;

/// <summary>Functions as grains describe them.</summary>
internal static class Functions
{
    public static FunctionInfo ToInfo(this FunctionDescription function) => new(
        function.Name, function.Module, function.Abi, function.Entry, function.Regions, function.Limits.ToInfo())
    {
        Profile = function.Profile,
        Capabilities = function.Capabilities,
        Env = function.Env,
        Args = function.Args,
        Config = function.Config,
        AllowedHosts = function.AllowedHosts,
        Bundles = function.Bundles,
        MaxAttempts = function.MaxAttempts,
        Engine = function.Engine,
        Version = function.Version,
        Traffic = function.Traffic,
    };

    private static FunctionLimits ToInfo(this Grains.Abstractions.Functions.FunctionLimits limits) => new()
    {
        MemoryMiB = limits.MemoryMiB,
        TableElements = limits.TableElements,
        MaxInstances = limits.MaxInstances,
        MaxModuleBytes = limits.MaxModuleBytes,
        StackKiB = limits.StackKiB,
        TimeoutMs = limits.TimeoutMs,
        Fuel = limits.Fuel,
        MaxPayloadBytes = limits.MaxPayloadBytes,
        MaxResponseBytes = limits.MaxResponseBytes,
        MaxStringBytes = limits.MaxStringBytes,
        MaxQueryBytes = limits.MaxQueryBytes,
        MaxConfigBytes = limits.MaxConfigBytes,
        MaxAllocationBytes = limits.MaxAllocationBytes,
        MaxHostCalls = limits.MaxHostCalls,
        MaxHttpRequests = limits.MaxHttpRequests,
        MaxLogBytes = limits.MaxLogBytes,
    };
}
