using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using HeliosEdge.Wasm;
using HeliosEdge.Wasm.Binary;
using HeliosEdge.Wasm.Compiler;

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

    private const int PooledInstances = 1_000;
    private const int PooledInstancesOfOthers = 100;

    private readonly WasmtimeApi _api;
    private readonly ConcurrentDictionary<(bool Metered, int StackBytes), Lazy<WasmtimeVariant>> _variants = new();
    private readonly CompileOptions _options;
    private readonly Lazy<string> _libraryHash;

    private WasmtimeEngine(WasmtimeApi api, string version, string location, ModuleLimits limits)
    {
        _api = api;
        _options = new CompileOptions { Limits = limits };
        Clock = new EpochClock(api);
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
            var version = FindVersion(api);
            if (version is null || !WasmtimeLibrary.IsSupported(version))
            {
                reason = $"libwasmtime at {where} has version {version ?? "unknown"}; supported are {WasmtimeLibrary.FirstSupported} to {WasmtimeLibrary.LastSupported}";
                return false;
            }

            engine = new WasmtimeEngine(api, version, where, limits ?? new ModuleLimits());
            _ = engine.VariantOf(metered: false, InstanceLimits.DefaultStackBytes);
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
    public ICompiledModule Compile(ReadOnlySpan<byte> wasm, bool metered = false)
    {
        var (definition, growths) = Decode(wasm);
        string? refusals = null;
        var code = growths.Count == 0 ? wasm : GrowthWitness.Add(wasm, definition, growths, out refusals);
        var home = VariantOf(metered, InstanceLimits.DefaultStackBytes);
        var (target, module) = home.Make(code, _api.ModuleNew, out var error);
        return module is null
            ? throw new SandboxException(ErrorCodes.InvalidModule, $"The module is not accepted: {error}.")
            : new WasmtimeModule(this, _api, home, (target, module), definition, KeepForTraps(code, definition), refusals);
    }

    /// <inheritdoc/>
    public byte[] Precompile(ReadOnlySpan<byte> wasm, bool metered = false)
    {
        using var module = (WasmtimeModule)Compile(wasm, metered);
        return new WasmtimeArtifact(module.RefusalsExport, module.Code, module.Serialize()).Write();
    }

    /// <inheritdoc/>
    public ICompiledModule Load(ReadOnlySpan<byte> wasm, ReadOnlySpan<byte> precompiled, bool metered = false)
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

        var home = VariantOf(metered, InstanceLimits.DefaultStackBytes);
        var (target, module) = home.Make(artifact.Native, _api.ModuleDeserialize, out var error);
        return module is null
            ? throw new InvalidDataException($"libwasmtime does not load the code: {error}")
            : new WasmtimeModule(this, _api, home, (target, module), definition, artifact.Code, artifact.RefusalsExport);
    }

    /// <summary>The size of stack that guests with a limit run with: the next power of two.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The limit is out of the range of <see cref="InstanceLimits.MaxStackBytes"/>.</exception>
    internal static int StackOf(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, Store.MinStackBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, Store.MaxStackBytes);
        return (int)BitOperations.RoundUpToPowerOf2((uint)limit);
    }

    /// <summary>The library's engines for a configuration, made at its first use.</summary>
    internal WasmtimeVariant VariantOf(bool metered, int stackBytes) =>
        _variants.GetOrAdd((metered, stackBytes), key => new Lazy<WasmtimeVariant>(() => NewVariant(key.Metered, key.StackBytes))).Value;

    private WasmtimeVariant NewVariant(bool metered, int stackBytes)
    {
        var isUsual = !metered && stackBytes == InstanceLimits.DefaultStackBytes;
        var variant = new WasmtimeVariant(_api, metered, stackBytes, isUsual ? PooledInstances : PooledInstancesOfOthers);
        Clock.Add(variant.Engines);
        return variant;
    }

    private static byte[]? KeepForTraps(ReadOnlySpan<byte> code, ModuleDefinition definition) =>
        definition.Tables.Count == 0 ? null : code.ToArray();

    private static string? FindVersion(WasmtimeApi api)
    {
        using var engine = WasmtimeVariant.NewEngine(api, metered: false, InstanceLimits.DefaultStackBytes, pooledInstances: 0);
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
