namespace HeliosEdge.Wasm;

/// <summary>The four kinds of things that modules import and export (core spec 2.5.10).</summary>
public enum ExternKind : byte
{
    /// <summary>A function.</summary>
    Function = 0,

    /// <summary>A table.</summary>
    Table = 1,

    /// <summary>A linear memory.</summary>
    Memory = 2,

    /// <summary>A global.</summary>
    Global = 3,
}

/// <summary>What an instance exports or a linker offers: a <see cref="Function"/>, <see cref="Table"/>, <see cref="LinearMemory"/> or <see cref="Global"/>.</summary>
public abstract class Extern
{
    private protected Extern(Store store)
    {
        Store = store;
    }

    /// <summary>The store that it belongs to; it can be linked only with others of that store.</summary>
    public Store Store { get; }

    /// <summary>Which of the four it is.</summary>
    public abstract ExternKind ExternKind { get; }
}
