using System.Collections.Immutable;

namespace HeliosEdge.Sandbox.Limits;

/// <summary>
/// All limits that a registration may state and a policy may cap: a row each, from which everything else about it is taken. Another one needs a
/// row here and a property where types have one for each; tests tell where one is missing.
/// </summary>
public static class LimitKinds
{
    // Filled by the rows below, which are made in the order in which they are written.
    private static readonly ImmutableArray<LimitKind>.Builder Rows = ImmutableArray.CreateBuilder<LimitKind>();

    /// <summary>Linear memory, what the module starts with included, in MiB.</summary>
    // More than 4 GiB is beyond what 32-bit guests can address.
    public static LimitKind MemoryMiB { get; } = Row(
        "memoryMiB", "Linear memory, what the module starts with included", "MiB", usual: 64, ceiling: 512, least: 1, most: 4_096, l => l.MemoryMiB, (l, v) => l with { MemoryMiB = v });

    /// <summary>Elements of each table.</summary>
    public static LimitKind TableElements { get; } = Row(
        "tableElements", "Elements of each table", "", usual: 100_000, ceiling: 1_000_000, least: 1, most: int.MaxValue, l => l.TableElements, (l, v) => l with { TableElements = v });

    /// <summary>Instances that are alive at the same time, in one silo and region; more calls wait for one of them.</summary>
    public static LimitKind MaxInstances { get; } = Row(
        "maxInstances", "Instances that are alive at the same time, in one silo and region; more calls wait for one of them", "", usual: 100, ceiling: 1_000, least: 1, most: 100_000, l => l.MaxInstances, (l, v) => l with { MaxInstances = v });

    /// <summary>Size of the module, in bytes.</summary>
    public static LimitKind MaxModuleBytes { get; } = Row(
        "maxModuleBytes", "Size of the module", "bytes", usual: 16 << 20, ceiling: 16 << 20, least: 1, most: Array.MaxLength, l => l.MaxModuleBytes, (l, v) => l with { MaxModuleBytes = v });

    /// <summary>Stack of the guest, in KiB.</summary>
    // The engines need the least for themselves; the most is what the guest threads have room for.
    public static LimitKind StackKiB { get; } = Row(
        "stackKiB", "Stack of the guest", "KiB", usual: 1_024, ceiling: 2_048, least: 64, most: 2_048, l => l.StackKiB, (l, v) => l with { StackKiB = v });

    /// <summary>Running time from where the guest is entered to the end of the response, in ms.</summary>
    public static LimitKind TimeoutMs { get; } = Row(
        "timeoutMs", "Running time from where the guest is entered to the end of the response", "ms", usual: 5_000, ceiling: 60_000, least: 1, most: int.MaxValue, l => l.TimeoutMs, (l, v) => l with { TimeoutMs = v });

    /// <summary>Instructions, as the engine counts them. Counting makes the guest slower, so that nothing is counted where nothing is said.</summary>
    public static LimitKind Fuel { get; } = Row(
        new LimitKind("fuel", "Instructions, as the engine counts them", "", usual: null, ceiling: null, least: 1, most: long.MaxValue, l => l.Fuel, (l, v) => l with { Fuel = v }));

    /// <summary>Size of the payload, in bytes.</summary>
    public static LimitKind MaxPayloadBytes { get; } = Row(
        "maxPayloadBytes", "Size of the payload", "bytes", usual: 1 << 20, ceiling: 16 << 20, least: 1, most: Array.MaxLength, l => l.MaxPayloadBytes, (l, v) => l with { MaxPayloadBytes = v });

    /// <summary>Size of the response, in bytes.</summary>
    public static LimitKind MaxResponseBytes { get; } = Row(
        "maxResponseBytes", "Size of the response", "bytes", usual: 1 << 20, ceiling: 16 << 20, least: 1, most: Array.MaxLength, l => l.MaxResponseBytes, (l, v) => l with { MaxResponseBytes = v });

    /// <summary>One string that is given to a host function, in bytes.</summary>
    public static LimitKind MaxStringBytes { get; } = Row(
        "maxStringBytes", "One string that is given to a host function", "bytes", usual: 64 << 10, ceiling: 1 << 20, least: 1, most: Array.MaxLength, l => l.MaxStringBytes, (l, v) => l with { MaxStringBytes = v });

    /// <summary>One SQL statement, and its parameters, in bytes.</summary>
    public static LimitKind MaxQueryBytes { get; } = Row(
        "maxQueryBytes", "One SQL statement, and its parameters", "bytes", usual: 64 << 10, ceiling: 1 << 20, least: 1, most: Array.MaxLength, l => l.MaxQueryBytes, (l, v) => l with { MaxQueryBytes = v });

    /// <summary>Environment, arguments and configuration of the registration together, in bytes.</summary>
    public static LimitKind MaxConfigBytes { get; } = Row(
        "maxConfigBytes", "Environment, arguments and configuration of the registration together", "bytes", usual: 64 << 10, ceiling: 1 << 20, least: 1, most: Array.MaxLength, l => l.MaxConfigBytes, (l, v) => l with { MaxConfigBytes = v });

    /// <summary>One block that the host allocates in the guest, in bytes.</summary>
    public static LimitKind MaxAllocationBytes { get; } = Row(
        "maxAllocationBytes", "One block that the host allocates in the guest", "bytes", usual: 16 << 20, ceiling: 64 << 20, least: 1, most: Array.MaxLength, l => l.MaxAllocationBytes, (l, v) => l with { MaxAllocationBytes = v });

    /// <summary>Calls of host functions.</summary>
    public static LimitKind MaxHostCalls { get; } = Row(
        "maxHostCalls", "Calls of host functions", "", usual: 10_000, ceiling: 1_000_000, least: 1, most: int.MaxValue, l => l.MaxHostCalls, (l, v) => l with { MaxHostCalls = v });

    /// <summary>HTTP requests that the function has under way at the same time, all its calls together, in one silo and region.</summary>
    public static LimitKind MaxHttpRequests { get; } = Row(
        "maxHttpRequests", "HTTP requests that the function has under way at the same time, all its calls together, in one silo and region", "", usual: 32, ceiling: 256, least: 1, most: 100_000, l => l.MaxHttpRequests, (l, v) => l with { MaxHttpRequests = v });

    /// <summary>All that is logged, in bytes.</summary>
    public static LimitKind MaxLogBytes { get; } = Row(
        "maxLogBytes", "All that is logged", "bytes", usual: 64 << 10, ceiling: 1 << 20, least: 1, most: int.MaxValue, l => l.MaxLogBytes, (l, v) => l with { MaxLogBytes = v });

    /// <summary>The limits, in the order in which they are shown.</summary>
    public static ImmutableArray<LimitKind> All { get; } = Rows.ToImmutable();

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

    private static LimitKind Row(
        string name,
        string what,
        string unit,
        int usual,
        int ceiling,
        int least,
        int most,
        Func<ResourceLimits, int> get,
        Func<ResourceLimits, int, ResourceLimits> with) =>
        Row(new LimitKind(name, what, unit, usual, ceiling, least, most, limits => get(limits), (limits, value) => with(limits, (int)value!)));

    private static LimitKind Row(LimitKind kind)
    {
        Rows.Add(kind);
        return kind;
    }
}
