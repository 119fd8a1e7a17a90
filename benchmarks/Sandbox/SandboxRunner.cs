using System.Buffers;
using HeliosEdge.Sandbox.Abi.Helios1;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Invocations;
using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Sandbox.Security;

namespace HeliosEdge.Benchmarks.Sandbox;

/// <summary>The whole sandbox, as a silo uses it: the port, the ABI, the limits, the deadline and the function's scope.</summary>
internal sealed class SandboxRunner : IRunner
{
    private const string Entry = "handle";

    private readonly Helios1Abi _abi = new();
    private readonly ResourceLimits _limits = new();
    private readonly ICompiledModule _module;
    private readonly SandboxScope _scope;

    public SandboxRunner(string name, IWasmEngine engine, byte[] wasm)
    {
        Name = name;
        _module = engine.Compile(wasm);
        _scope = new SandboxScope("bench", "eu-west", SecurityProfile.Minimal, _limits, new HostServiceSet());
        _abi.CheckModule(_module, Entry, _limits);
    }

    public string Name { get; }

    public void Invoke(byte[] payload, ArrayBufferWriter<byte> response) =>
        _abi.Invoke(_module, Entry, payload, _limits, response, _scope);

    /// <summary>An instance that stays, after one call.</summary>
    public IGuestInstance Hold(byte[] payload)
    {
        var instance = _module.Instantiate(
            new InstanceLimits((long)_limits.MemoryMiB << 20, _limits.TableElements, TimeSpan.FromMinutes(1)));
        var at = instance.Call("__wasm_allocate", payload.Length);
        payload.CopyTo(instance.Memory((uint)at, payload.Length));
        _ = instance.Call(Entry, at, payload.Length);
        return instance;
    }

    public void Dispose() => _module.Dispose();
}
