using System.Runtime.CompilerServices;

namespace HeliosEdge.Sandbox.Engines.Wasmtime;

/// <summary>A module's machine code in one of the library's engines, linked once for each set of host functions.</summary>
// SAFETY: every pointer that is passed to the library came from it and is kept alive by its handle during the call.
internal sealed unsafe class WasmtimeCode : IDisposable
{
    private static readonly HostFunctionSet Nothing = new([]);

    private readonly WasmtimeApi _api;
    private readonly ConditionalWeakTable<HostFunctionSet, InstancePreHandle> _linked = [];
    private readonly ConditionalWeakTable<HostFunctionSet, InstancePreHandle>.CreateValueCallback _link;

    public WasmtimeCode(WasmtimeApi api, EngineHandle engine, ModuleHandle module, Func<nint, HostFunctionSet, string?> define)
    {
        _api = api;
        Module = module;
        Engine = engine;
        _link = offered => Link(define, offered);
    }

    public EngineHandle Engine { get; }

    public ModuleHandle Module { get; }

    /// <summary>The module with its imports resolved, ready to be instantiated any number of times.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidModule"/>: the functions do not fit the imports.</exception>
    public InstancePreHandle Linked(HostFunctionSet? offered) => _linked.GetValue(offered ?? Nothing, _link);

    /// <summary>Bytes of the machine code and what belongs to it.</summary>
    public long ImageBytes
    {
        get
        {
            nint start, end;
            _api.ModuleImageRange(Module.Native, &start, &end);
            return end - start;
        }
    }

    public byte[] Serialize() => _api.Serialize(Module.Native);

    public void Dispose()
    {
        // Each holds on to the module within the library.
        foreach (var (_, linked) in _linked)
        {
            linked.Dispose();
        }

        Module.Dispose();
    }

    private InstancePreHandle Link(Func<nint, HostFunctionSet, string?> define, HostFunctionSet offered)
    {
        var linker = _api.LinkerNew(Engine.Native);
        try
        {
            if (define(linker, offered) is { } fault)
            {
                throw NotInstantiable(fault);
            }

            nint pre;
            var error = _api.LinkerInstantiatePre(linker, Module.Native, &pre);
            return error == 0 ? new InstancePreHandle(_api, pre) : throw NotInstantiable(_api.TakeError(error));
        }
        finally
        {
            _api.LinkerDelete(linker);
        }
    }

    private static SandboxException NotInstantiable(string why) => new(ErrorCodes.InvalidModule, $"The module cannot be instantiated: {why}.");
}
