namespace HeliosEdge.Wasm;

/// <summary>What a host function sees of the instance that imported it.</summary>
public sealed class Caller
{
    internal Caller(Instance instance)
    {
        Instance = instance;
    }

    /// <summary>The instance that imported the host function.</summary>
    public Instance Instance { get; }

    /// <summary>The store of that instance.</summary>
    public Store Store => Instance.Store;

    /// <summary>The instance's linear memory, exported or not; null where it has none.</summary>
    public LinearMemory? Memory => Instance.Memory;
}
