using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Sandbox.Limits;

namespace HeliosEdge.Grains.Functions;

/// <summary>The limits of the sandbox as registrations show them, and back.</summary>
public static class FunctionLimitsConversions
{
    /// <summary>As they are shown.</summary>
    public static FunctionLimits ToFunctionLimits(this ResourceLimits limits) => new()
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

    /// <summary>As the sandbox takes them.</summary>
    public static ResourceLimits ToResourceLimits(this FunctionLimits limits) => new()
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
