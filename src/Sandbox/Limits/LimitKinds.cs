using System.Collections.Immutable;

namespace HeliosEdge.Sandbox.Limits;

/// <summary>All limits that a registration may state and a policy may cap.</summary>
public static class LimitKinds
{
    /// <summary>The limits, in the order in which they are shown.</summary>
    public static ImmutableArray<LimitKind> All { get; } =
    [
        // More than 4 GiB is beyond what 32-bit guests can address.
        new("memoryMiB", 1, 4_096, l => l.MemoryMiB, (l, v) => l with { MemoryMiB = (int)v! }),
        new("tableElements", 1, int.MaxValue, l => l.TableElements, (l, v) => l with { TableElements = (int)v! }),
        new("maxInstances", 1, 100_000, l => l.MaxInstances, (l, v) => l with { MaxInstances = (int)v! }),
        new("maxModuleBytes", 1, Array.MaxLength, l => l.MaxModuleBytes, (l, v) => l with { MaxModuleBytes = (int)v! }),

        // The engines need the least for themselves; the most is what the guest threads have room for.
        new("stackKiB", 64, 2_048, l => l.StackKiB, (l, v) => l with { StackKiB = (int)v! }),
        new("timeoutMs", 1, int.MaxValue, l => l.TimeoutMs, (l, v) => l with { TimeoutMs = (int)v! }),
        new("fuel", 1, long.MaxValue, l => l.Fuel, (l, v) => l with { Fuel = v }),
        new("maxPayloadBytes", 1, Array.MaxLength, l => l.MaxPayloadBytes, (l, v) => l with { MaxPayloadBytes = (int)v! }),
        new("maxResponseBytes", 1, Array.MaxLength, l => l.MaxResponseBytes, (l, v) => l with { MaxResponseBytes = (int)v! }),
        new("maxStringBytes", 1, Array.MaxLength, l => l.MaxStringBytes, (l, v) => l with { MaxStringBytes = (int)v! }),
        new("maxQueryBytes", 1, Array.MaxLength, l => l.MaxQueryBytes, (l, v) => l with { MaxQueryBytes = (int)v! }),
        new("maxConfigBytes", 1, Array.MaxLength, l => l.MaxConfigBytes, (l, v) => l with { MaxConfigBytes = (int)v! }),
        new("maxAllocationBytes", 1, Array.MaxLength, l => l.MaxAllocationBytes, (l, v) => l with { MaxAllocationBytes = (int)v! }),
        new("maxHostCalls", 1, int.MaxValue, l => l.MaxHostCalls, (l, v) => l with { MaxHostCalls = (int)v! }),
        new("maxHttpRequests", 1, 100_000, l => l.MaxHttpRequests, (l, v) => l with { MaxHttpRequests = (int)v! }),
        new("maxLogBytes", 1, int.MaxValue, l => l.MaxLogBytes, (l, v) => l with { MaxLogBytes = (int)v! }),
    ];

    /// <summary>Their names.</summary>
    public static ImmutableArray<string> Names { get; } = [.. All.Select(kind => kind.Name)];

    /// <summary>The lower of two, limit by limit.</summary>
    public static ResourceLimits Lower(ResourceLimits one, ResourceLimits other)
    {
        var lower = one;
        foreach (var kind in All)
        {
            if (kind.Of(other) is { } value && (kind.Of(one) ?? long.MaxValue) > value)
            {
                lower = kind.Set(lower, value);
            }
        }

        return lower;
    }
}
