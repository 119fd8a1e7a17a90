using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using HeliosEdge.Sandbox.Engines.Managed;
using HeliosEdge.Wasm;
using HeliosEdge.Wasm.Binary;

namespace HeliosEdge.Sandbox.Engines.Wasmtime;

// SAFETY: every pointer that is passed to the library came from it and is kept alive by its handle during the call.
internal sealed unsafe class WasmtimeModule : ICompiledModule
{
    private readonly WasmtimeEngine _engine;
    private readonly WasmtimeApi _api;
    private readonly EngineHandle _target;
    private readonly ModuleHandle _module;
    private readonly HashSet<(string Name, string Type)> _functions;
    private readonly ConditionalWeakTable<HostFunctionSet, InstancePreHandle> _linked = [];
    private readonly Lazy<InstancePreHandle> _unlinked;

    public WasmtimeModule(
        WasmtimeEngine engine, WasmtimeApi api, EngineHandle target, ModuleHandle module, ModuleDefinition definition, byte[]? code, string? refusals)
    {
        _engine = engine;
        _api = api;
        _target = target;
        _module = module;
        Definition = definition;
        Code = code;
        RefusalsExport = refusals;
        Imports = [.. definition.DescribeImports().Select(import => new ModuleImport(import.Module, import.Name, ManagedModule.Translate(import.Kind), import.Type))];
        Exports = [.. definition.DescribeExports().Select(export => new ModuleExport(export.Name, ManagedModule.Translate(export.Kind), export.Type))];
        MemoryExport = Exports.FirstOrDefault(export => export.Kind == ExternalKind.Memory)?.Name;
        _functions = [.. Exports.Where(export => export.Kind == ExternalKind.Function).Select(export => (export.Name, export.Type))];
        _unlinked = new Lazy<InstancePreHandle>(() => Prepare(new HostFunctionSet([])), LazyThreadSafetyMode.PublicationOnly);
    }

    public ImmutableArray<ModuleImport> Imports { get; }

    public ImmutableArray<ModuleExport> Exports { get; }

    internal ModuleDefinition Definition { get; }

    /// <summary>The bytes that were compiled, where traps can not be told apart without them.</summary>
    internal byte[]? Code { get; }

    internal string? RefusalsExport { get; }

    internal string? MemoryExport { get; }

    public IGuestInstance Instantiate(in InstanceLimits limits, HostFunctionSet? imports = null, object? state = null)
    {
        var pre = imports is null ? _unlinked.Value : _linked.GetValue(imports, Prepare);
        RequireWithin(limits);
        var held = false;
        try
        {
            pre.DangerousAddRef(ref held);
            return WasmtimeInstance.Create(_engine, _api, _target, this, pre, limits, imports is not null, state);
        }
        finally
        {
            if (held)
            {
                pre.DangerousRelease();
            }
        }
    }

    public void Dispose() => _module.Dispose();

    internal byte[] Serialize() => _api.Serialize(_module.Native);

    internal bool HasFunction(string name, string type) => _functions.Contains((name, type));

    private InstancePreHandle Prepare(HostFunctionSet offered)
    {
        var linker = _api.LinkerNew(_target.Native);
        try
        {
            var defined = new HashSet<(string, string)>();
            foreach (var import in Imports)
            {
                Define(linker, import, offered, defined);
            }

            nint pre;
            var error = _api.LinkerInstantiatePre(linker, _module.Native, &pre);
            return error == 0 ? new InstancePreHandle(_api, pre) : throw NotInstantiable(_api.TakeError(error));
        }
        finally
        {
            _api.LinkerDelete(linker);
        }
    }

    private void Define(nint linker, ModuleImport import, HostFunctionSet offered, HashSet<(string Module, string Name)> defined)
    {
        if (import.Kind != ExternalKind.Function || !offered.TryFind(import.Module, import.Name, out var function))
        {
            throw NotInstantiable($"unknown import: {import.Kind.ToString().ToLowerInvariant()} \"{import.Module}\" \"{import.Name}\" is not defined");
        }

        if (function.Type != import.Type)
        {
            throw NotInstantiable($"incompatible import type: \"{import.Module}\" \"{import.Name}\" is {function.Type}, the module needs {import.Type}");
        }

        if (defined.Add((import.Module, import.Name)) && WasmtimeHostFunction.Define(_api, linker, function) is { } error)
        {
            throw NotInstantiable(error);
        }
    }

    private static SandboxException NotInstantiable(string why) => new(ErrorCodes.InvalidModule, $"The module can not be instantiated: {why}.");

    private void RequireWithin(in InstanceLimits limits)
    {
        foreach (var memory in Definition.Memories.Skip(Definition.ImportedMemories))
        {
            Require(nameof(StoreLimits.MaxMemoryBytes), (long)memory.Minimum * LinearMemory.PageBytes, limits.MaxMemoryBytes);
        }

        foreach (var table in Definition.Tables.Skip(Definition.ImportedTables))
        {
            Require(nameof(StoreLimits.MaxTableElements), table.Limits.Minimum, limits.MaxTableElements);
        }
    }

    private static void Require(string name, long value, long limit)
    {
        if (value > limit)
        {
            var breach = new ResourceLimitException(name, value, limit);
            throw new SandboxException(ErrorCodes.MemoryLimitExceeded, $"The module starts with more than it may have: {breach.Message}.", breach)
            {
                Limit = limit,
                Value = value,
            };
        }
    }
}
