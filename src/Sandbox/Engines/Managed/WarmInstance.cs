using HeliosEdge.Wasm;

namespace HeliosEdge.Sandbox.Engines.Managed;

/// <summary>A store with one instance, which serves one invocation after another and is reset between them.</summary>
internal sealed class WarmInstance : IDisposable
{
    private const int Fixed = 4_096;
    private const int TableElementBytes = 12;

    // Invocations call two or three exports, and always by the same strings.
    private readonly List<(string Name, Shape Shape, Function Function)> _known = new(4);

    /// <summary>Makes the instance but does not start it.</summary>
    public WarmInstance(in InstanceKind kind, Store store, Linker linker, Module code, string? memoryExport)
    {
        Kind = kind;
        Store = store;
        Instance = linker.InstantiateUnstarted(store, code);
        Memory = memoryExport is null ? null : Instance.GetMemory(memoryExport);
        Bytes = Fixed;
        foreach (var memory in Instance.Memories)
        {
            Bytes += Math.Min(memory.Length, LinearMemory.MaxResidentBytes);
        }

        foreach (var table in Instance.Context.Tables)
        {
            Bytes += table.Length * TableElementBytes;
        }
    }

    public enum Shape
    {
        Nothing,
        ToI32,
        I32ToI32,
        I32I32,
        I32I32ToI64,
    }

    public InstanceKind Kind { get; }

    public Store Store { get; }

    public Instance Instance { get; }

    public LinearMemory? Memory { get; }

    /// <summary>About the memory that it holds while it is idle.</summary>
    public long Bytes { get; }

    /// <summary>The period of <see cref="IdleInstances"/> in which it was given back.</summary>
    public int IdleSince { get; set; }

    /// <summary>Whether <see cref="IdleInstances"/> has room for it, idle or not.</summary>
    public bool IsAdmitted { get; set; }

    /// <summary>Ends it, and gives back all that it holds.</summary>
    public void Dispose()
    {
        if (IsAdmitted)
        {
            IsAdmitted = false;
            IdleInstances.Release(Bytes);
        }

        Store.Dispose();
    }

    /// <summary>An export that is a function of this shape.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public Function Find(string export, Shape shape)
    {
        foreach (var known in _known)
        {
            if (ReferenceEquals(known.Name, export) && known.Shape == shape)
            {
                return known.Function;
            }
        }

        return Resolve(export, shape);
    }

    private Function Resolve(string export, Shape shape)
    {
        var function = Instance.GetFunction(export) ?? throw new ArgumentException($"The guest exports no function \"{export}\".", nameof(export));
        switch (shape)
        {
            case Shape.Nothing:
                function.Require(typeof(void));
                break;
            case Shape.ToI32:
                function.Require(typeof(int));
                break;
            case Shape.I32ToI32:
                function.Require(typeof(int), typeof(int));
                break;
            case Shape.I32I32:
                function.Require(typeof(void), typeof(int), typeof(int));
                break;
            default:
                function.Require(typeof(long), typeof(int), typeof(int));
                break;
        }

        if (_known.Count < _known.Capacity)
        {
            _known.Add((export, shape, function));
        }

        return function;
    }
}
