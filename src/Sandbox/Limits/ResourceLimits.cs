using HeliosEdge.Sandbox.Engines;

namespace HeliosEdge.Sandbox.Limits;

/// <summary>What a function and each of its invocations may use. <see cref="LimitKinds"/> lists them by name; <see cref="SandboxPolicy"/> checks the values.</summary>
public sealed record ResourceLimits
{
    /// <inheritdoc cref="LimitKinds.MemoryMiB"/>
    public int MemoryMiB { get; init; } = (int)LimitKinds.MemoryMiB.Usual!;

    /// <inheritdoc cref="LimitKinds.TableElements"/>
    public int TableElements { get; init; } = (int)LimitKinds.TableElements.Usual!;

    /// <inheritdoc cref="LimitKinds.MaxInstances"/>
    public int MaxInstances { get; init; } = (int)LimitKinds.MaxInstances.Usual!;

    /// <inheritdoc cref="LimitKinds.MaxModuleBytes"/>
    public int MaxModuleBytes { get; init; } = (int)LimitKinds.MaxModuleBytes.Usual!;

    /// <inheritdoc cref="LimitKinds.StackKiB"/>
    public int StackKiB { get; init; } = (int)LimitKinds.StackKiB.Usual!;

    /// <inheritdoc cref="LimitKinds.TimeoutMs"/>
    public int TimeoutMs { get; init; } = (int)LimitKinds.TimeoutMs.Usual!;

    /// <inheritdoc cref="LimitKinds.Fuel"/>
    public long? Fuel { get; init; } = LimitKinds.Fuel.Usual;

    /// <inheritdoc cref="LimitKinds.MaxPayloadBytes"/>
    public int MaxPayloadBytes { get; init; } = (int)LimitKinds.MaxPayloadBytes.Usual!;

    /// <inheritdoc cref="LimitKinds.MaxResponseBytes"/>
    public int MaxResponseBytes { get; init; } = (int)LimitKinds.MaxResponseBytes.Usual!;

    /// <inheritdoc cref="LimitKinds.MaxStringBytes"/>
    public int MaxStringBytes { get; init; } = (int)LimitKinds.MaxStringBytes.Usual!;

    /// <inheritdoc cref="LimitKinds.MaxQueryBytes"/>
    public int MaxQueryBytes { get; init; } = (int)LimitKinds.MaxQueryBytes.Usual!;

    /// <inheritdoc cref="LimitKinds.MaxConfigBytes"/>
    public int MaxConfigBytes { get; init; } = (int)LimitKinds.MaxConfigBytes.Usual!;

    /// <inheritdoc cref="LimitKinds.MaxAllocationBytes"/>
    public int MaxAllocationBytes { get; init; } = (int)LimitKinds.MaxAllocationBytes.Usual!;

    /// <inheritdoc cref="LimitKinds.MaxHostCalls"/>
    public int MaxHostCalls { get; init; } = (int)LimitKinds.MaxHostCalls.Usual!;

    /// <inheritdoc cref="LimitKinds.MaxHttpRequests"/>
    public int MaxHttpRequests { get; init; } = (int)LimitKinds.MaxHttpRequests.Usual!;

    /// <inheritdoc cref="LimitKinds.MaxLogBytes"/>
    public int MaxLogBytes { get; init; } = (int)LimitKinds.MaxLogBytes.Usual!;

    /// <summary>What of this an engine keeps to by itself.</summary>
    internal InstanceLimits ForInstance(CancellationToken cancellation) =>
        new((long)MemoryMiB << 20, TableElements, TimeSpan.FromMilliseconds(TimeoutMs), StackKiB << 10, Fuel, cancellation);
}
