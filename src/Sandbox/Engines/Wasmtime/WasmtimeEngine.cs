using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using HeliosEdge.Sandbox.Engines.Inspection;
using HeliosEdge.Wasm;

namespace HeliosEdge.Sandbox.Engines.Wasmtime;

/// <summary>
/// Wasmtime behind the port, through its C API. The library validates modules itself and takes all of WebAssembly 3.0; what a host needs
/// to know of a module is read by <see cref="ModuleInspector"/>.
/// </summary>
// SAFETY: every pointer that is passed to the library came from it and is kept alive by its handle during the call.
public sealed unsafe class WasmtimeEngine : IPrecompilingEngine
{
    /// <summary>Its name.</summary>
    public const string EngineName = "wasmtime";

    /// <summary>The environment variable with the path of the library; where it is set, nowhere else is searched.</summary>
    public const string LibraryVariable = WasmtimeLibrary.Variable;

    private readonly WasmtimeApi _api;
    private readonly ConcurrentDictionary<(bool Metered, int StackBytes), Lazy<WasmtimeVariant>> _variants = new();
    private readonly int _maxModuleBytes;
    private readonly Lazy<string> _libraryHash;

    private WasmtimeEngine(WasmtimeApi api, string version, string location, int maxModuleBytes)
    {
        _api = api;
        _maxModuleBytes = maxModuleBytes;
        Clock = new EpochClock(api);
        Version = Full(version);
        BuildIdentity = BuildOf(version);
        Location = location;
        _libraryHash = new Lazy<string>(() => HashOf(location));
    }

    /// <inheritdoc/>
    public string Name => EngineName;

    /// <inheritdoc/>
    public string Version { get; }

    /// <summary>Where the library was found.</summary>
    public string Location { get; }

    internal EpochClock Clock { get; }

    /// <summary>The library that the environment names, if any.</summary>
    internal static string? NamedLibrary => Environment.GetEnvironmentVariable(LibraryVariable);

    /// <summary>Finds libwasmtime and makes an engine of it.</summary>
    /// <param name="limits">What modules may ask of the compiler, of which only <see cref="ModuleLimits.MaxModuleBytes"/> counts here; null for the defaults.</param>
    /// <param name="engine">The engine.</param>
    /// <param name="reason">Why there is none, for people: no library was found, or its version is not supported.</param>
    public static bool TryCreate(ModuleLimits? limits, [NotNullWhen(true)] out WasmtimeEngine? engine, [NotNullWhen(false)] out string? reason)
    {
        engine = null;
        if (!TryOpen(NamedLibrary, out var api, out var version, out var where, out reason))
        {
            return false;
        }

        engine = new WasmtimeEngine(api, version, where, (limits ?? new ModuleLimits()).MaxModuleBytes);
        _ = engine.VariantOf(metered: false, InstanceLimits.DefaultStackBytes);
        DivisionSignal.UseThreadStack();
        return true;
    }

    /// <summary>Finds libwasmtime and looks whether it fits.</summary>
    /// <param name="named">The library's path, or null for the one that the program came with.</param>
    /// <param name="api">Its functions.</param>
    /// <param name="version">Its version, as far as it tells it: the major number.</param>
    /// <param name="where">Where it is, or was searched for.</param>
    /// <param name="reason">Why it cannot be used, for people.</param>
    internal static bool TryOpen(
        string? named, [NotNullWhen(true)] out WasmtimeApi? api, [NotNullWhen(true)] out string? version, out string where, [NotNullWhen(false)] out string? reason)
    {
        (api, version, where) = (null, null, string.Empty);
        if (RuntimeInformation.ProcessArchitecture is not (Architecture.X64 or Architecture.Arm64))
        {
            reason = $"libwasmtime is only used on x64 and arm64, not on {RuntimeInformation.ProcessArchitecture}";
            return false;
        }

        where = WasmtimeLibrary.Locate(named);
        if (WasmtimeLibrary.Load(where, out var library) is { } fault)
        {
            reason = $"libwasmtime was not found: {fault}";
            return false;
        }

        try
        {
            var found = WasmtimeApi.Of(library);
            if (Examine(found, out version) is { } misfit)
            {
                reason = $"libwasmtime at {where} does not fit: {misfit}";
                return false;
            }

            api = found;
            reason = null;
            return true;
        }
        catch (EntryPointNotFoundException e)
        {
            reason = $"libwasmtime at {where} lacks a function that is needed: {e.Message}";
            return false;
        }
    }

    /// <summary>Looks whether the library is what this engine was written for.</summary>
    /// <returns>Why it is not, or null.</returns>
    internal static string? Examine(WasmtimeApi api, out string version)
    {
        using var engine = WasmtimeVariant.NewEngine(api, metered: false, InstanceLimits.DefaultStackBytes, pooledInstances: 0);
        nint native;
        fixed (byte* bytes = LayoutCheck.Module)
        {
            var error = api.ModuleNew(engine.Native, bytes, (nuint)LayoutCheck.Module.Length, &native);
            if (error != 0)
            {
                version = "unknown";
                return $"it does not compile a module of all that is looked at: {api.TakeError(error)}";
            }
        }

        using var module = new ModuleHandle(api, native);
        version = WasmtimeVersion.Of(api.Serialize(native)) ?? "unknown";
        return !WasmtimeLibrary.IsSupported(version)
            ? $"its version is {version}, this build needs {WasmtimeLibrary.Packaged.Major} and comes with {WasmtimeLibrary.Packaged}"
            : LayoutCheck.Fault(api, engine, module) is { } differs ? $"its {differs} is laid out otherwise than this build expects" : null;
    }

    /// <inheritdoc/>
    public string CodeIdentity => $"wasmtime {BuildIdentity} {_libraryHash.Value}";

    /// <summary>Names the library's version and this build; code of a compiler with another one is not used.</summary>
    internal string BuildIdentity { get; }

    /// <inheritdoc/>
    public ICompiledModule Compile(ReadOnlySpan<byte> wasm, bool metered = false, CompileTurn? turn = null) =>
        Compile(wasm, VariantOf(metered, InstanceLimits.DefaultStackBytes), isPooled: true);

    /// <summary>Compiles a module for one configuration.</summary>
    /// <param name="wasm">The module.</param>
    /// <param name="home">The configuration.</param>
    /// <param name="isPooled">Whether its instances may come from a pool, where it fits a place of one.</param>
    /// <exception cref="SandboxException">As <see cref="IWasmEngine.Compile"/>.</exception>
    internal WasmtimeModule Compile(ReadOnlySpan<byte> wasm, WasmtimeVariant home, bool isPooled)
    {
        var source = WasmtimeSource.Of(_api, home.Engines[0], wasm, _maxModuleBytes);
        var (target, module) = home.Make(source.Code, _api.ModuleNew, isPooled, out var error);
        return module is null
            ? throw InvalidModule.Refused(error)
            : new WasmtimeModule(this, _api, home, (target, module), source.Outline, source.CodeForTraps, source.RefusalsExport);
    }

    /// <inheritdoc/>
    public byte[] Precompile(ReadOnlySpan<byte> wasm, bool metered = false, CompileTurn? turn = null)
    {
        using var module = (WasmtimeModule)Compile(wasm, metered);
        return new WasmtimeArtifact(module.RefusalsExport, module.Code, module.Serialize()).Write();
    }

    /// <inheritdoc/>
    public ICompiledModule Load(ReadOnlySpan<byte> wasm, ReadOnlySpan<byte> precompiled, bool metered = false, CompileTurn? turn = null)
    {
        var artifact = WasmtimeArtifact.Read(precompiled);
        var outline = ModuleInspector.Read(wasm);
        var home = VariantOf(metered, InstanceLimits.DefaultStackBytes);
        var (target, module) = home.Make(artifact.Native, _api.ModuleDeserialize, isPooled: true, out var error);
        return module is null
            ? throw new InvalidDataException($"libwasmtime does not load the code: {error}")
            : new WasmtimeModule(this, _api, home, (target, module), outline, artifact.Code, artifact.RefusalsExport);
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
        var variant = new WasmtimeVariant(_api, metered, stackBytes, isUsual ? WasmtimeVariant.PooledInstances : WasmtimeVariant.PooledInstancesOfOthers);
        Clock.Add(variant.Engines);
        return variant;
    }

    internal static string BuildOf(string version) => $"{Full(version)} {typeof(WasmtimeEngine).Assembly.ManifestModule.ModuleVersionId:N}";

    private static string Full(string version) => version.Contains('.', StringComparison.Ordinal) ? version : version + ".0";

    private static string HashOf(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }
}
