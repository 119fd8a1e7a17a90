namespace HeliosEdge.Sandbox.Engines.Managed;

/// <summary>What an instance is made with and keeps for its life; only an invocation that asks for the same can have it.</summary>
internal readonly record struct InstanceKind(long MaxMemoryBytes, long MaxTableElements, int MaxStackBytes, HostFunctionSet? Imports)
{
    public static InstanceKind Of(in InstanceLimits limits, HostFunctionSet? imports) =>
        new(limits.MaxMemoryBytes, limits.MaxTableElements, limits.MaxStackBytes, imports);
}
