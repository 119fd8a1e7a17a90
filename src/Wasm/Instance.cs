using System.Runtime.Intrinsics;
using HeliosEdge.Wasm.Binary;
using HeliosEdge.Wasm.Runtime;

namespace HeliosEdge.Wasm;

/// <summary>A module with its own memory, tables and globals in a <see cref="Wasm.Store"/>; made by <see cref="Linker.Instantiate"/>.</summary>
public sealed class Instance
{
    private readonly Function?[] _functions;
    private readonly LinearMemory[] _memories;
    private bool _tablesFilled;

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

    internal ReadOnlySpan<LinearMemory> Memories => _memories;

    internal LinearMemory? Memory => _memories.Length > 0 ? _memories[0] : null;

    internal bool[] DroppedElements { get; }

    internal bool[] DroppedData { get; }

    /// <summary>Whether <see cref="TryReset"/> is possible: the instance imports nothing but host functions.</summary>
    public bool IsResettable { get; internal set; }

    /// <summary>
    /// Goes back to the state that instantiation made: memory, tables, globals and segments are those of the module. Its exports stay
    /// the same objects. The store's deadline is cleared, its refusals are forgotten, its fuel stays as it is. Then the start function
    /// has to run again: <see cref="Start"/>. Cheaper than another store with another instance.
    /// </summary>
    /// <returns>False where the system offers no way that is cheaper than a new instance; the store is then to be disposed.</returns>
    /// <exception cref="InvalidOperationException">It is not <see cref="IsResettable"/>, or a call is inside the store.</exception>
    /// <exception cref="ObjectDisposedException">The store is disposed.</exception>
    public bool TryReset()
    {
        if (!IsResettable)
        {
            throw new InvalidOperationException("An instance with imports that are no host functions cannot be reset.");
        }

        Store.BeginReset();
        foreach (var memory in _memories)
        {
            if (!memory.TryReset())
            {
                return false;
            }
        }

        Fill();
        return true;
    }

    /// <summary>Runs the start function, if the module has one.</summary>
    /// <exception cref="TrapException">The start function trapped.</exception>
    public void Start()
    {
        if (Module.Definition.Start is { } start)
        {
            FunctionAt(start).Run();
        }
    }

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

    /// <summary>Gives globals their values and runs the segments; memories are zeroed pages, and tables as they were filled last or made.</summary>
    internal void Fill()
    {
        var definition = Module.Definition;
        for (var i = 0; i < definition.Globals.Count; i++)
        {
            Initialise(definition.ImportedGlobals + i, definition.Globals[i]);
        }

        try
        {
            FillTables(definition);
            for (var i = 0; i < definition.DataSegments.Count; i++)
            {
                var segment = definition.DataSegments[i];
                DroppedData[i] = false;
                if (segment.Mode == SegmentMode.Active)
                {
                    var offset = (uint)Evaluate(segment.Offset).I32;
                    MemoryOperations.Init(offset, 0, (uint)segment.Length, i, Context);
                }

                DroppedData[i] = segment.Mode != SegmentMode.Passive;
            }
        }
        catch (GuestTrap trap)
        {
            throw new TrapException(trap.Code, trap, Store);
        }
    }

    internal WasmValue Evaluate(in ConstantExpression expression) => expression.Source switch
    {
        ConstantKind.Value => new WasmValue(expression.Kind, expression.Bits),
        ConstantKind.RefFunc => WasmValue.FromFuncRef(FunctionAt(expression.Index)),
        _ => GlobalAt(expression.Index).Value,
    };

    private void FillTables(ModuleDefinition definition)
    {
        var isFirst = !_tablesFilled;
        _tablesFilled = true;
        var isChanged = isFirst;
        foreach (var table in Context.Tables)
        {
            isChanged |= table.IsChanged;
        }

        if (isChanged && !isFirst)
        {
            foreach (var table in Context.Tables)
            {
                table.Reset();
            }
        }

        for (var i = 0; i < definition.Elements.Count; i++)
        {
            var segment = definition.Elements[i];
            DroppedElements[i] = false;
            if (isChanged && segment.Mode == SegmentMode.Active)
            {
                var offset = (uint)Evaluate(segment.Offset).I32;
                TableOperations.Init(offset, 0, (uint)segment.Length, segment.Table, i, Context);
            }

            DroppedElements[i] = segment.Mode != SegmentMode.Passive;
        }

        if (IsResettable)
        {
            foreach (var table in Context.Tables)
            {
                table.IsChanged = false;
            }
        }
    }

    // SAFETY: Globals holds 16 bytes for each global that the module defines, and index is one of them.
    private unsafe void Initialise(int index, in GlobalDefinition definition)
    {
        var value = Evaluate(definition.Initial);
        if (value.Kind is ValueKind.FuncRef or ValueKind.ExternRef)
        {
            GlobalAt(index).Set(value);
        }
        else
        {
            *(Vector128<byte>*)(Context.Globals + (16 * (index - Module.Definition.ImportedGlobals))) = value.Raw;
        }
    }
}
