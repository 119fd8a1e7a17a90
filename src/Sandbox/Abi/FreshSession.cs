using System.Buffers;
using System.Diagnostics;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Invocations;

namespace HeliosEdge.Sandbox.Abi;

/// <summary>A session that makes an instance for each call, for guests that are made to be called once.</summary>
internal sealed class FreshSession(IGuestAbi abi, ICompiledModule module, string entry, SandboxScope scope, CancellationToken cancellation) : IGuestSession
{
    private readonly long _started = Stopwatch.GetTimestamp();

    public void Call(ReadOnlySpan<byte> payload, IBufferWriter<byte> response)
    {
        var left = scope.Limits.TimeoutMs - (int)Stopwatch.GetElapsedTime(_started).TotalMilliseconds;
        if (left <= 0)
        {
            throw GuestFaults.TimedOut(scope.Limits, _started, []);
        }

        var own = scope.Within(scope.Limits with { TimeoutMs = left });
        abi.Invoke(module, entry, payload, own.Limits, response, own, cancellation);
    }

    public void Dispose()
    {
    }
}
