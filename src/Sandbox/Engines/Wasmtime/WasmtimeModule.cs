using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using HeliosEdge.Sandbox.Engines.Inspection;
using HeliosEdge.Sandbox.Engines.Managed;
using HeliosEdge.Wasm;

namespace HeliosEdge.Sandbox.Engines.Wasmtime;

internal sealed class WasmtimeModule : ICompiledModule
{
    // Measured, see FootprintTests: the code, and an image of each memory that starts with data.
    private const int MappingsOfCode = 4;
    private const long BytesOfCode = 64 << 10;

    private readonly WasmtimeEngine _engine;
    private readonly WasmtimeApi _api;
    private readonly WasmtimeVariant _home;
    private readonly WasmtimeCode _code;
    private readonly ConcurrentDictionary<int, Lazy<WasmtimeCode>> _otherStacks = new();
    private readonly FrozenDictionary<string, (string Type, byte[] Name)> _functions;

    public WasmtimeModule(
        WasmtimeEngine engine, WasmtimeApi api, WasmtimeVariant home, (EngineHandle Engine, ModuleHandle Module) made, ModuleOutline outline, byte[]? code, string? refusals)
    {
        _engine = engine;
        _api = api;
        _home = home;
        _code = new WasmtimeCode(api, made.Engine, made.Module, Define);
        Outline = outline;
        Code = code;
        RefusalsExport = refusals;
        RefusalsName = Utf8(refusals);
        MemoryName = Utf8(Exports.FirstOrDefault(export => export.Kind == ExternalKind.Memory)?.Name);
        ExportsItsOnlyMemory = MemoryName is not null && Outline.Memories.Length == 1 && Outline.ImportedMemories == 0;
        _functions = Exports.Where(export => export.Kind == ExternalKind.Function)
            .ToFrozenDictionary(export => export.Name, export => (export.Type, Encoding.UTF8.GetBytes(export.Name)));
    }

    public ImmutableArray<ModuleImport> Imports => Outline.Imports;

    public ImmutableArray<ModuleExport> Exports => Outline.Exports;

    public ModuleFootprint Footprint =>
        _otherStacks.Values.Where(other => other.IsValueCreated).Aggregate(FootprintOf(_code), (sum, other) => sum + FootprintOf(other.Value));

    internal ModuleOutline Outline { get; }

    /// <summary>The bytes that were compiled, where traps cannot be told apart without them.</summary>
    internal byte[]? Code { get; }

    internal string? RefusalsExport { get; }

    /// <summary><see cref="RefusalsExport"/> as the library takes it.</summary>
    internal byte[]? RefusalsName { get; }

    /// <summary>The exported memory's name as the library takes it, if there is one.</summary>
    internal byte[]? MemoryName { get; }

    /// <summary>Whether the memory that is exported is the first of the instance's own.</summary>
    internal bool ExportsItsOnlyMemory { get; }

    internal bool IsMetered => _home.IsMetered;

    public IGuestInstance Instantiate(in InstanceLimits limits, HostFunctionSet? imports = null, object? state = null)
    {
        ManagedModule.RequireMetered(limits, IsMetered);
        var stackBytes = WasmtimeEngine.StackOf(limits.MaxStackBytes);
        var code = stackBytes == _home.StackBytes
            ? _code
            : _otherStacks.GetOrAdd(stackBytes, static (bytes, module) => new Lazy<WasmtimeCode>(() => module.LoadFor(bytes)), this).Value;
        var pre = code.Linked(imports);
        RequireWithin(limits);
        var held = false;
        try
        {
            pre.DangerousAddRef(ref held);
            return WasmtimeInstance.Create(_engine, _api, code.Engine, this, pre, limits, imports is not null, state);
        }
        finally
        {
            if (held)
            {
                pre.DangerousRelease();
            }
        }
    }

    public void Dispose()
    {
        _code.Dispose();
        foreach (var other in _otherStacks.Values.Where(other => other.IsValueCreated))
        {
            other.Value.Dispose();
        }
    }

    private ModuleFootprint FootprintOf(WasmtimeCode code) =>
        new(MappingsOfCode, Outline.DataSegments > 0 ? 1 : 0, BytesOfCode + code.ImageBytes);

    /// <summary>The library's module.</summary>
    internal ModuleHandle Native => _code.Module;

    public long MostMemoryBytes(long limit)
    {
        var share = MemoryShare(limit);
        var most = Outline.HasObjectTypes ? share : 0;
        foreach (var memory in Outline.Memories.AsSpan()[Outline.ImportedMemories..])
        {
            most += memory.Maximum is { } pages ? Math.Min(Bytes(pages), share) : share;
        }

        return most;
    }

    internal byte[] Serialize() => _code.Serialize();

    /// <summary>Finds an exported function.</summary>
    /// <param name="export">The name.</param>
    /// <param name="type">The type that it has to have.</param>
    /// <param name="name">The name as the library takes it.</param>
    internal bool TryFind(string export, string type, [NotNullWhen(true)] out byte[]? name)
    {
        name = _functions.TryGetValue(export, out var found) && found.Type == type ? found.Name : null;
        return name is not null;
    }

    private static byte[]? Utf8(string? name) => name is null ? null : Encoding.UTF8.GetBytes(name);

    // SAFETY: the function pointer is the library's, for the bytes that it serialized itself.
    private unsafe WasmtimeCode LoadFor(int stackBytes)
    {
        var (target, module) = _engine.VariantOf(IsMetered, stackBytes).Make(_code.Serialize(), _api.ModuleDeserialize, isPooled: true, out var error);
        return module is null
            ? throw new InvalidOperationException($"libwasmtime does not load its own code for a stack of {stackBytes} bytes: {error}")
            : new WasmtimeCode(_api, target, module, Define);
    }

    private string? Define(nint linker, HostFunctionSet offered)
    {
        var defined = new HashSet<(string, string)>();
        foreach (var import in Imports)
        {
            if (import.Kind != ExternalKind.Function || !offered.TryFind(import.Module, import.Name, out var function))
            {
                return $"unknown import: {import.Kind.ToString().ToLowerInvariant()} \"{import.Module}\" \"{import.Name}\" is not defined";
            }

            if (function.Type != import.Type)
            {
                return $"incompatible import type: \"{import.Module}\" \"{import.Name}\" is {function.Type}, the module needs {import.Type}";
            }

            if (defined.Add((import.Module, import.Name)) && WasmtimeHostFunction.Define(_api, linker, function) is { } error)
            {
                return error;
            }
        }

        return null;
    }

    private void RequireWithin(in InstanceLimits limits)
    {
        var most = MemoryShare(limits.MaxMemoryBytes);
        foreach (var memory in Outline.Memories.AsSpan()[Outline.ImportedMemories..])
        {
            Require(nameof(StoreLimits.MaxMemoryBytes), Bytes(memory.Minimum), most);
        }

        foreach (var minimum in Outline.OwnTables)
        {
            Require(nameof(StoreLimits.MaxTableElements), (long)Math.Min(minimum, long.MaxValue), limits.MaxTableElements);
        }
    }

    /// <summary>
    /// What each of the module's memories, and its heap of objects, may have of the memory that all may have together: the library's
    /// limiter knows one number for each of them.
    /// </summary>
    internal long MemoryShare(long maxMemoryBytes) =>
        maxMemoryBytes / Math.Max(1, Outline.Memories.Length - Outline.ImportedMemories + (Outline.HasObjectTypes ? 1 : 0));

    private static long Bytes(ulong pages) => pages > long.MaxValue / LinearMemory.PageBytes ? long.MaxValue : (long)pages * LinearMemory.PageBytes;

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
