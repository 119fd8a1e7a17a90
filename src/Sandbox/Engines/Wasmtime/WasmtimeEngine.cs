using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using HeliosEdge.Wasm;
using HeliosEdge.Wasm.Binary;
using HeliosEdge.Wasm.Compiler;
using HeliosEdge.Wasm.Runtime;

namespace HeliosEdge.Sandbox.Engines.Wasmtime;

/// <summary>
/// Wasmtime behind the port, through its C API. Modules are decoded and validated by <c>HeliosEdge.Wasm</c> first: both engines take
/// the same modules and refuse the same ones in the same words, and only what is valid gets to the library's compiler.
/// </summary>
// SAFETY: every pointer that is passed to the library came from it and is kept alive by its handle during the call.
public sealed unsafe class WasmtimeEngine : IPrecompilingEngine
{
    /// <summary>The environment variable with the path of the library; where it is set, nowhere else is searched.</summary>
    public const string LibraryVariable = WasmtimeLibrary.Variable;

    // As StoreLimits.MaxStackBytes; the stack of a guest thread has room for it.
    private const int MaxStackBytes = 1 << 20;
    private const int PooledInstances = 1_000;
    private const int PooledTableElements = 1_000_000;
    private const int PooledTablesInModule = 4;
    private const int ResidentMemoryBytes = 256 << 10;
    private const int ResidentTableBytes = 16 << 10;

    // A slot of the pool is the whole address space of a 32-bit memory and a guard of 32 MiB.
    private const long SlotBytes = (4L << 30) + (32 << 20);

    private readonly WasmtimeApi _api;
    private readonly EngineHandle[] _targets;
    private readonly CompileOptions _options;
    private readonly Lazy<string> _libraryHash;

    private WasmtimeEngine(WasmtimeApi api, EngineHandle onDemand, string version, string location, ModuleLimits limits)
    {
        _api = api;
        _options = new CompileOptions { Limits = limits };
        _targets = HasRoomForPool() ? [NewEngine(api, pooled: true), onDemand] : [onDemand];
        Clock = new EpochClock(api, _targets);
        Version = version.Contains('.', StringComparison.Ordinal) ? version : version + ".0";
        Location = location;
        _libraryHash = new Lazy<string>(() => HashOf(location));
    }

    /// <inheritdoc/>
    public string Name => "wasmtime";

    /// <inheritdoc/>
    public string Version { get; }

    /// <summary>Where the library was found.</summary>
    public string Location { get; }

    internal EpochClock Clock { get; }

    /// <summary>Finds libwasmtime and makes an engine of it.</summary>
    /// <param name="limits">What modules may ask of the compiler; null for the defaults of the managed engine.</param>
    /// <param name="engine">The engine.</param>
    /// <param name="reason">Why there is none, for people: no library was found, or its version is not supported.</param>
    public static bool TryCreate(ModuleLimits? limits, [NotNullWhen(true)] out WasmtimeEngine? engine, [NotNullWhen(false)] out string? reason)
    {
        engine = null;
        if (RuntimeInformation.ProcessArchitecture is not (Architecture.X64 or Architecture.Arm64))
        {
            reason = $"libwasmtime is only used on x64 and arm64, not on {RuntimeInformation.ProcessArchitecture}";
            return false;
        }

        if (!WasmtimeLibrary.TryLoad(out var library, out var where))
        {
            reason = $"libwasmtime was not found: {where}";
            return false;
        }

        try
        {
            var api = new WasmtimeApi(library);
            var onDemand = NewEngine(api, pooled: false);
            var version = FindVersion(api, onDemand);
            if (version is null || !WasmtimeLibrary.IsSupported(version))
            {
                onDemand.Dispose();
                reason = $"libwasmtime at {where} has version {version ?? "unknown"}; supported are {WasmtimeLibrary.FirstSupported} to {WasmtimeLibrary.LastSupported}";
                return false;
            }

            engine = new WasmtimeEngine(api, onDemand, version, where, limits ?? new ModuleLimits());
            DivisionSignal.UseThreadStack();
            reason = null;
            return true;
        }
        catch (EntryPointNotFoundException e)
        {
            reason = $"libwasmtime at {where} lacks a function that is needed: {e.Message}";
            return false;
        }
    }

    /// <inheritdoc/>
    public string CodeIdentity =>
        $"wasmtime {Version} {typeof(WasmtimeEngine).Assembly.ManifestModule.ModuleVersionId:N} {_libraryHash.Value}";

    /// <inheritdoc/>
    public ICompiledModule Compile(ReadOnlySpan<byte> wasm)
    {
        var (definition, growths) = Decode(wasm);
        string? refusals = null;
        var code = growths.Count == 0 ? wasm : GrowthWitness.Add(wasm, definition, growths, out refusals);
        var (target, module) = Make(code, _api.ModuleNew, out var error);
        return module is null
            ? throw new SandboxException(ErrorCodes.InvalidModule, $"The module is not accepted: {error}.")
            : new WasmtimeModule(this, _api, target, module, definition, KeepForTraps(code, definition), refusals);
    }

    /// <inheritdoc/>
    public byte[] Precompile(ReadOnlySpan<byte> wasm)
    {
        using var module = (WasmtimeModule)Compile(wasm);
        return new WasmtimeArtifact(module.RefusalsExport, module.Code, module.Serialize()).Write();
    }

    /// <inheritdoc/>
    public ICompiledModule Load(ReadOnlySpan<byte> wasm, ReadOnlySpan<byte> precompiled)
    {
        var artifact = WasmtimeArtifact.Read(precompiled);
        ModuleDefinition definition;
        try
        {
            definition = ModuleDecoder.Decode(wasm, _options.Limits);
        }
        catch (InvalidModuleException e)
        {
            throw Refused(e);
        }

        var (target, module) = Make(artifact.Native, _api.ModuleDeserialize, out var error);
        return module is null
            ? throw new InvalidDataException($"libwasmtime does not load the code: {error}")
            : new WasmtimeModule(this, _api, target, module, definition, artifact.Code, artifact.RefusalsExport);
    }

    private (EngineHandle Target, ModuleHandle? Module) Make(
        ReadOnlySpan<byte> code, delegate* unmanaged<nint, byte*, nuint, nint*, nint> make, out string error)
    {
        // What does not fit a slot of the pool still runs, on memory that is mapped for each instance.
        error = string.Empty;
        foreach (var target in _targets)
        {
            nint module;
            fixed (byte* bytes = code)
            {
                var failure = make(target.Native, bytes, (nuint)code.Length, &module);
                if (failure == 0)
                {
                    return (target, new ModuleHandle(_api, module));
                }

                error = _api.TakeError(failure);
            }
        }

        return (_targets[^1], null);
    }

    private static byte[]? KeepForTraps(ReadOnlySpan<byte> code, ModuleDefinition definition) =>
        definition.Tables.Count == 0 ? null : code.ToArray();

    private static EngineHandle NewEngine(WasmtimeApi api, bool pooled)
    {
        var config = api.ConfigNew();
        api.ConfigEpochInterruption(config, 1);
        api.ConfigMaxWasmStack(config, MaxStackBytes);
        api.ConfigMemoryInitCow(config, 1);
        if (pooled)
        {
            var pool = api.PoolNew();
            api.PoolTotalInstances(pool, PooledInstances);
            api.PoolTotalMemories(pool, PooledInstances);
            api.PoolTotalTables(pool, PooledInstances);
            api.PoolTotalGcHeaps(pool, PooledInstances);
            api.PoolMaxTables(pool, PooledTablesInModule);
            api.PoolTableElements(pool, PooledTableElements);
            api.PoolMemoryKeepResident(pool, ResidentMemoryBytes);
            api.PoolTableKeepResident(pool, ResidentTableBytes);
            api.ConfigPool(config, pool);
            api.PoolDelete(pool);
        }

        return new EngineHandle(api, api.EngineNewWithConfig(config));
    }

    private static string? FindVersion(WasmtimeApi api, EngineHandle engine)
    {
        ReadOnlySpan<byte> empty = [0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0];
        nint module;
        fixed (byte* bytes = empty)
        {
            var error = api.ModuleNew(engine.Native, bytes, (nuint)empty.Length, &module);
            if (error != 0)
            {
                throw new InvalidOperationException($"libwasmtime does not compile the empty module: {api.TakeError(error)}");
            }
        }

        using var handle = new ModuleHandle(api, module);
        return WasmtimeVersion.Of(api.Serialize(module));
    }

    private static bool HasRoomForPool()
    {
        // The library ends the process where it can not reserve its pool, so it is tried here first: twice of it, as the
        // pool of garbage-collected heaps is as large as that of memories.
        const ulong Wanted = 2UL * PooledInstances * (ulong)SlotBytes;
        try
        {
            AddressSpace.Release(AddressSpace.Reserve(unchecked((nuint)Wanted)), unchecked((nuint)Wanted));
            return true;
        }
        catch (OutOfMemoryException)
        {
            return false;
        }
    }

    private (ModuleDefinition Definition, List<int> Growths) Decode(ReadOnlySpan<byte> wasm)
    {
        try
        {
            var definition = ModuleDecoder.Decode(wasm, _options.Limits);
            return (definition, ModuleCompiler.Validate(wasm, definition, _options));
        }
        catch (InvalidModuleException e)
        {
            throw Refused(e);
        }
    }

    private static SandboxException Refused(InvalidModuleException e) =>
        new(ErrorCodes.InvalidModule, $"The module is not accepted: {e.Message}.", e) { Offset = e.Offset };

    private static string HashOf(string path)
    {
        if (!File.Exists(path))
        {
            // Found by the system's loader, which does not tell where; the library itself refuses code of another version.
            return "system";
        }

        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }
}
