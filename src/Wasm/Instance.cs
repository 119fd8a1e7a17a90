using HeliosEdge.Wasm.Binary;
using HeliosEdge.Wasm.Runtime;

namespace HeliosEdge.Wasm;

/// <summary>A module with its own memory, tables and globals in a <see cref="Wasm.Store"/>; made by <see cref="Linker.Instantiate"/>.</summary>
public sealed class Instance
{
    private readonly Function?[] _functions;
    private readonly LinearMemory[] _memories;

    internal Instance(Store store, Module module, LinearMemory[] memories)
    {
        Store = store;
        Module = module;
        Context = new InstanceContext(store, this);
        Caller = new Caller(this);
        _functions = new Function?[module.Definition.Functions.Count];
        _memories = memories;
        DroppedElements = new bool[module.Definition.Elements.Count];
        DroppedData = new bool[module.Definition.DataSegments.Count];
    }

    /// <summary>What it is an instance of.</summary>
    public Module Module { get; }

    /// <summary>Where it lives.</summary>
    public Store Store { get; }

    internal InstanceContext Context { get; }

    internal Caller Caller { get; }

    internal LinearMemory? Memory => _memories.Length > 0 ? _memories[0] : null;

    internal bool[] DroppedElements { get; }

    internal bool[] DroppedData { get; }

    /// <summary>An exported function, or null where none has that name.</summary>
    public Function? GetFunction(string name) => GetExport(name) as Function;

    /// <summary>An exported memory, or null where none has that name.</summary>
    public LinearMemory? GetMemory(string name) => GetExport(name) as LinearMemory;

    /// <summary>An exported table, or null where none has that name.</summary>
    public Table? GetTable(string name) => GetExport(name) as Table;

    /// <summary>An exported global, or null where none has that name.</summary>
    public Global? GetGlobal(string name) => GetExport(name) as Global;

    /// <summary>Any export, or null where none has that name.</summary>
    /// <exception cref="ObjectDisposedException">The store is disposed.</exception>
    public Extern? GetExport(string name)
    {
        Store.ThrowIfDisposed();
        if (!Module.TryGetExport(name, out var export))
        {
            return null;
        }

        return export.Kind switch
        {
            ExternKind.Function => FunctionAt(export.Index),
            ExternKind.Table => Context.Tables[export.Index],
            ExternKind.Memory => _memories[export.Index],
            _ => GlobalAt(export.Index),
        };
    }

    /// <summary>The function object of an index; made at its first use and the same ever after.</summary>
    internal Function FunctionAt(int index)
    {
        var function = _functions[index];
        if (function is null)
        {
            function = index < Context.Imports.Length
                ? Context.Imports[index]
                : new Function(Store, Module.Definition.Functions[index], index, Module.CodeOf(index), Context);
            _functions[index] = function;
        }

        return function;
    }

    // SAFETY: Globals holds 16 bytes for each global that the module defines, and index is one of them.
    internal unsafe Global GlobalAt(int index)
    {
        return Context.GlobalObjects[index] ??= new Global(
            Store,
            Module.Definition.GlobalTypes[index],
            Context.Globals + (16 * (index - Module.Definition.ImportedGlobals)));
    }

    internal WasmValue Evaluate(in ConstantExpression expression) => expression.Source switch
    {
        ConstantKind.Value => new WasmValue(expression.Kind, expression.Bits),
        ConstantKind.RefFunc => WasmValue.FromFuncRef(FunctionAt(expression.Index)),
        _ => GlobalAt(expression.Index).Value,
    };
}
