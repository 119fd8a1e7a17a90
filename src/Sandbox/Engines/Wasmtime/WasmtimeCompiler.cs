using System.Diagnostics.CodeAnalysis;
using HeliosEdge.Wasm;

namespace HeliosEdge.Sandbox.Engines.Wasmtime;

/// <summary>The library's compiler alone, for a process that runs no guests: it reserves no memory for any, and stays on one thread.</summary>
// SAFETY: every pointer that is passed to the library came from it and is kept alive by its handle during the call.
internal sealed unsafe class WasmtimeCompiler
{
    private readonly WasmtimeApi _api;
    private readonly int _maxModuleBytes;
    private readonly EngineHandle _plain;
    private readonly EngineHandle _metered;

    private WasmtimeCompiler(WasmtimeApi api, string version, ModuleLimits limits)
    {
        _api = api;
        _maxModuleBytes = limits.MaxModuleBytes;
        _plain = NewEngine(api, metered: false);
        _metered = NewEngine(api, metered: true);
        Identity = WasmtimeEngine.BuildOf(version);
    }

    /// <summary>As <see cref="WasmtimeEngine.BuildIdentity"/>.</summary>
    public string Identity { get; }

    /// <summary>As <see cref="WasmtimeEngine.TryCreate"/>.</summary>
    public static bool TryCreate(ModuleLimits limits, [NotNullWhen(true)] out WasmtimeCompiler? compiler, [NotNullWhen(false)] out string? reason)
    {
        compiler = null;
        if (!WasmtimeEngine.TryOpen(WasmtimeEngine.NamedLibrary, out var api, out var version, out _, out reason))
        {
            return false;
        }

        compiler = new WasmtimeCompiler(api, version, limits);
        return true;
    }

    /// <summary>As <see cref="WasmtimeEngine.Precompile"/>.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidModule"/>.</exception>
    public byte[] Precompile(ReadOnlySpan<byte> wasm, bool metered)
    {
        var engine = metered ? _metered : _plain;
        var source = WasmtimeSource.Of(_api, engine, wasm, _maxModuleBytes);
        nint module;
        fixed (byte* bytes = source.Code)
        {
            var error = _api.ModuleNew(engine.Native, bytes, (nuint)source.Code.Length, &module);
            if (error != 0)
            {
                throw InvalidModule.Refused(_api.TakeError(error));
            }
        }

        using var handle = new ModuleHandle(_api, module);
        return new WasmtimeArtifact(source.RefusalsExport, source.CodeForTraps, _api.Serialize(module)).Write();
    }

    private static EngineHandle NewEngine(WasmtimeApi api, bool metered) =>
        WasmtimeVariant.NewEngine(api, metered, InstanceLimits.DefaultStackBytes, pooledInstances: 0, parallel: false);
}
