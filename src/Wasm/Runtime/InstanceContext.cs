namespace HeliosEdge.Wasm.Runtime;

/// <summary>
/// What compiled code reaches of its instance; every compiled function gets it as its last argument.
/// Fields, not properties: emitted IL loads them by name.
/// </summary>
internal unsafe class InstanceContext // SAFETY: the pointers are set by Linker and Store to blocks of the store, or to pinned arrays of the module.
{
    /// <summary>The lowest stack address that a function entry accepts; the highest address of all once interrupted.</summary>
    public nuint StackLimit;

    /// <summary>Not zero once the store is interrupted; read at loop headers.</summary>
    public int Interrupted;

    /// <summary>Start of linear memory 0; its length in bytes stands <see cref="LinearMemory.SizeDistance"/> bytes before.</summary>
    public byte* Memory;

    /// <summary>The cells of the globals that the instance defines, 16 bytes each.</summary>
    public byte* Globals;

    /// <summary>The addresses of the cells of imported globals.</summary>
    public byte** ImportedGlobals;

    /// <summary>The store's remaining fuel.</summary>
    public long* Fuel;

    /// <summary>Where results past the first travel, 16 bytes each; shared by the store's instances.</summary>
    public byte* Returns;

    /// <summary>As <see cref="Returns"/>, for results that are references.</summary>
    public object?[] ReturnReferences = [];

    /// <summary>The module's constants, as <c>ConstantPool</c> lays them out.</summary>
    public byte* Constants;

    /// <summary>The interned number of each of the module's types.</summary>
    public int* TypeIds;

    /// <summary>The imported functions.</summary>
    public Function[] Imports = [];

    /// <summary>The first table, null without one.</summary>
    public Table? Table0;

    /// <summary>All tables.</summary>
    public Table[] Tables = [];

    /// <summary>All globals, by index; entries of unexported numeric globals are null.</summary>
    public Global?[] GlobalObjects = [];

    public InstanceContext(Store store, Instance instance)
    {
        Store = store;
        Instance = instance;
    }

    public Store Store { get; }

    public Instance Instance { get; }
}
