using System.Buffers;
using HeliosEdge.Grains.Modules;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Abi;
using HeliosEdge.Sandbox.Execution;
using HeliosEdge.Sandbox.Invocations;

namespace HeliosEdge.Grains.Functions;

/// <summary>A guest that serves the rows of a statement, and what is held for it meanwhile. It cannot wait for its turn: what it would wait for may wait for its statement.</summary>
internal sealed class GuestSession : IGuestSession
{
    private readonly InstanceGate _gate;
    private readonly GuestMemory _memory;
    private readonly long _memoryBytes;
    private readonly ModuleLease _lease;
    private readonly IGuestSession _inner;

    private GuestSession(InstanceGate gate, GuestMemory memory, long memoryBytes, ModuleLease lease, IGuestSession inner)
    {
        _gate = gate;
        _memory = memory;
        _memoryBytes = memoryBytes;
        _lease = lease;
        _inner = inner;
    }

    /// <exception cref="SandboxException"><see cref="ErrorCodes.Overloaded"/>, or whatever keeps the module from being loaded.</exception>
    public static GuestSession Open(
        FunctionInvoker invoker, InstanceGate gate, int maxInstances, GuestMemory memory, Func<ModuleLease> lease, SandboxScope scope, CancellationToken cancellation)
    {
        var module = lease();
        if (!gate.TryEnterNow(maxInstances))
        {
            module.Dispose();
            throw new SandboxException(ErrorCodes.Overloaded, $"{maxInstances} instances of \"{scope.Function}\" run, as many as maxInstances lets it have.") { Limit = maxInstances };
        }

        var bytes = invoker.Abi.MostMemoryBytes(module.Module.MostMemoryBytes((long)scope.Limits.MemoryMiB << 20), scope.Limits);
        if (!memory.TryEnterNow(bytes))
        {
            gate.Leave();
            module.Dispose();
            throw new SandboxException(ErrorCodes.Overloaded, $"\"{scope.Function}\" may come to need {bytes} bytes, and all guests together may have {memory.MaxBytes}.") { Limit = memory.MaxBytes };
        }

        return new GuestSession(gate, memory, bytes, module, invoker.Abi.Open(module.Module, invoker.Entry, scope, cancellation));
    }

    public void Call(ReadOnlySpan<byte> payload, IBufferWriter<byte> response) => _inner.Call(payload, response);

    public void Dispose()
    {
        _inner.Dispose();
        _memory.Leave(_memoryBytes);
        _gate.Leave();
        _lease.Dispose();
    }
}
