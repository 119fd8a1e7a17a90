using HeliosEdge.Wasm.Binary;
using HeliosEdge.Wasm.Runtime;

namespace HeliosEdge.Wasm;

/// <summary>
/// Resolves a module's imports by their two names and makes instances. Once filled it may be used by many threads, each with a
/// store of its own, as long as it holds only host functions.
/// </summary>
public sealed class Linker
{
    private readonly Dictionary<(string Module, string Name), object> _definitions = [];

    /// <summary>Offers a host function whose type follows from its delegate.</summary>
    /// <param name="module">The first name of the imports that it answers.</param>
    /// <param name="name">The second name.</param>
    /// <param name="function">
    /// Any delegate over <c>int</c> (i32), <c>long</c> (i64), <c>float</c>, <c>double</c>, <c>Vector128&lt;byte&gt;</c> (v128),
    /// <see cref="Function"/> (funcref) and <c>object</c> (externref), at most 15 of them, with one result or none;
    /// a first parameter of type <see cref="Caller"/> is not part of the WebAssembly type.
    /// </param>
    /// <exception cref="ArgumentException">The delegate has another type, or the names are taken.</exception>
    public void DefineFunction(string module, string name, Delegate function) => Add(module, name, HostFunctionDefinition.From(function));

    /// <summary>Offers a host function of any type.</summary>
    /// <exception cref="ArgumentException">The names are taken.</exception>
    public void DefineFunction(string module, string name, FunctionType type, HostFunction function) =>
        Add(module, name, new HostFunctionDefinition(FunctionTypeInterner.Intern(type), function, HostFunctionForm.Untyped));

    /// <summary>Offers a function, table, memory or global of a store; modules can then be instantiated in that store only.</summary>
    /// <exception cref="ArgumentException">The names are taken.</exception>
    public void Define(string module, string name, Extern value) => Add(module, name, value);

    /// <summary>Offers all exports of an instance under one module name; names already offered are replaced.</summary>
    public void DefineInstance(string module, Instance instance)
    {
        foreach (var export in instance.Module.Exports)
        {
            _definitions[(module, export.Name)] = instance.GetExport(export.Name)!;
        }
    }

    /// <summary>Makes an instance: links its imports, fills its tables and memory, and runs its start function.</summary>
    /// <exception cref="LinkException">An import is missing, of another type, or of another store.</exception>
    /// <exception cref="TrapException">A segment is out of bounds, or the start function trapped. What was written before stays written.</exception>
    /// <exception cref="ResourceLimitException">A memory, a table or the number of instances is over the store's limits.</exception>
    /// <exception cref="ObjectDisposedException">The store or the module is disposed.</exception>
    public Instance Instantiate(Store store, Module module)
    {
        var instance = InstantiateUnstarted(store, module);
        instance.Start();
        return instance;
    }

    /// <summary>As <see cref="Instantiate"/>, all but the start function.</summary>
    // SAFETY: the native blocks come from the store and have one entry for each global that is written through them.
    internal unsafe Instance InstantiateUnstarted(Store store, Module module)
    {
        store.ThrowIfDisposed();
        module.ThrowIfDisposed();
        var definition = module.Definition;
        var resolved = Resolve(store, definition);

        var memories = new LinearMemory[definition.Memories.Count];
        var tables = definition.Tables.Count == 0 ? [] : new Table[definition.Tables.Count];
        var globals = definition.GlobalTypes.Count == 0 ? [] : new Global?[definition.GlobalTypes.Count];
        var functions = definition.ImportedFunctions == 0 ? [] : new Function[definition.ImportedFunctions];
        var (f, t, m, g) = (0, 0, 0, 0);
        foreach (var import in resolved)
        {
            switch (import)
            {
                case Table table:
                    tables[t++] = table;
                    break;
                case LinearMemory memory:
                    memories[m++] = memory;
                    break;
                case Global global:
                    globals[g++] = global;
                    break;
                default:
                    f++;
                    break;
            }
        }

        for (; m < memories.Length; m++)
        {
            memories[m] = new LinearMemory(store, definition.Memories[m].Minimum, definition.Memories[m].Maximum);
        }

        for (; t < tables.Length; t++)
        {
            var type = definition.Tables[t];
            tables[t] = new Table(store, type.Element, type.Limits.Minimum, type.Limits.Maximum);
        }

        var instance = new Instance(store, module, memories);
        var context = instance.Context;
        context.TypeIds = module.TypeIds;
        context.Constants = module.Constants;
        context.Tables = tables;
        context.Table0 = tables.Length > 0 ? tables[0] : null;
        context.Memory = memories.Length > 0 ? memories[0].Base : null;
        context.GlobalObjects = globals;
        context.Imports = functions;
        store.Add(context, module.ReturnSlots);
        for (int i = 0, index = 0; i < resolved.Length; i++)
        {
            if (definition.Imports[i].Kind == ExternKind.Function)
            {
                functions[index] = resolved[i] as Function ?? Bind(store, instance, (HostFunctionDefinition)resolved[i], definition.Imports[i].TypeIndex, index);
                index++;
            }
        }

        if (definition.ImportedGlobals > 0)
        {
            context.ImportedGlobals = (byte**)store.Allocate(definition.ImportedGlobals * sizeof(byte*));
            for (var i = 0; i < definition.ImportedGlobals; i++)
            {
                context.ImportedGlobals[i] = globals[i]!.Cell;
            }
        }

        if (definition.Globals.Count > 0)
        {
            context.Globals = store.Allocate(definition.Globals.Count * 16);
        }

        instance.IsResettable = resolved.All(import => import is HostFunctionDefinition);
        instance.Fill();
        return instance;
    }

    private static Function Bind(Store store, Instance instance, HostFunctionDefinition definition, int typeIndex, int index)
    {
        var context = new HostContext(store, instance, definition);
        store.Add(context, 0);
        return new Function(store, typeIndex, index, instance.Module.HostStubOf(typeIndex), context);
    }

    private object[] Resolve(Store store, ModuleDefinition definition)
    {
        if (definition.Imports.Count == 0)
        {
            return [];
        }

        var resolved = new object[definition.Imports.Count];
        for (var i = 0; i < resolved.Length; i++)
        {
            var import = definition.Imports[i];
            var full = $"\"{import.Module}\" \"{import.Name}\"";
            if (!_definitions.TryGetValue((import.Module, import.Name), out var offered))
            {
                throw new LinkException($"unknown import: {import.Kind.ToString().ToLowerInvariant()} {full} is not defined");
            }

            if (offered is Extern other && other.Store != store)
            {
                throw new LinkException($"incompatible import: {full} belongs to another store");
            }

            var (fits, have) = (import.Kind, offered) switch
            {
                (ExternKind.Function, HostFunctionDefinition host) => (host.Type.Id == definition.Types[import.TypeIndex].Id, host.Type.ToString()),
                (ExternKind.Function, Function function) => (function.TypeId == definition.Types[import.TypeIndex].Id, function.Type.ToString()),
                (ExternKind.Table, Table table) => (table.ElementKind == import.Table.Element && Fits(table.Type.Limits, import.Table.Limits), TypeText.Of(table.Type)),
                (ExternKind.Memory, LinearMemory memory) => (Fits(memory.Type, import.Memory), TypeText.Of(memory.Type)),
                (ExternKind.Global, Global global) => (global.Type == import.Global, TypeText.Of(global.Type)),
                (_, Extern value) => (false, $"a {value.ExternKind.ToString().ToLowerInvariant()}"),
                _ => (false, "a function"),
            };
            if (!fits)
            {
                throw new LinkException($"incompatible import type: {full} is {have}, the module needs {TypeText.Of(import, definition)}");
            }

            resolved[i] = offered;
        }

        return resolved;

        static bool Fits(Limits have, Limits need) => have.Minimum >= need.Minimum && (need.Maximum is null || have.Maximum <= need.Maximum);
    }

    private void Add(string module, string name, object definition)
    {
        if (!_definitions.TryAdd((module, name), definition))
        {
            throw new ArgumentException($"\"{module}\" \"{name}\" is already defined.");
        }
    }
}
