using System.Buffers;
using System.Diagnostics;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Invocations;
using HeliosEdge.Sandbox.Limits;

namespace HeliosEdge.Sandbox.Abi.Helios1;

/// <summary>
/// An instance that is called many times. The payload's block is given back after each call; what else a guest keeps is its own, so that
/// one which never gives memory back is made anew before it comes to its limit.
/// </summary>
internal sealed class Helios1Session(ICompiledModule module, string entry, SandboxScope scope, CancellationToken cancellation) : IGuestSession
{
    private readonly SandboxContext _context = new(scope, Stopwatch.GetTimestamp()) { Cancellation = cancellation, EntersOnce = true };
    private IGuestInstance? _instance;
    private long _newBytes;
    private bool _isUsed;

    public void Call(ReadOnlySpan<byte> payload, IBufferWriter<byte> response)
    {
        var limits = scope.Limits;
        if (payload.Length > limits.MaxPayloadBytes)
        {
            throw SandboxException.Breach(ErrorCodes.PayloadTooLarge, "The payload has", limits.MaxPayloadBytes, payload.Length, "bytes");
        }

        try
        {
            if (_isUsed && HasUsedHalf(limits))
            {
                Renew();
            }

            var instance = _instance ?? Make();
            uint pointer;
            try
            {
                pointer = Helios1Abi.WritePayload(instance, payload, limits);
            }
            catch (Exception e) when (_isUsed && !_context.HasReachedDeadline && e is SandboxException or GuestTrapException)
            {
                // Its entry has not been called: a guest that has no room any more has some again when it is new.
                Renew();
                instance = Make();
                pointer = Helios1Abi.WritePayload(instance, payload, limits);
            }

            var packed = (ulong)instance.Call(entry, (int)pointer, payload.Length);
            if (_context.HasReachedDeadline)
            {
                throw GuestFaults.TimedOut(limits, instance.EnteredAt, []);
            }

            Helios1Abi.ReadResponse(instance, packed, limits, response);
            if (pointer != 0)
            {
                instance.Run(Helios1Abi.DeallocateExport, (int)pointer, payload.Length);
            }

            _isUsed = true;
        }
        catch (GuestTrapException trap)
        {
            var started = _instance?.EnteredAt ?? Stopwatch.GetTimestamp();
            throw _context.HasReachedDeadline ? GuestFaults.TimedOut(limits, started, trap.Backtrace, trap) : GuestFaults.Explain(trap, _instance, limits, started);
        }
    }

    public void Dispose()
    {
        _instance?.Dispose();
        _context.End();
    }

    private void Renew()
    {
        _instance?.Dispose();
        _instance = null;
        _isUsed = false;
    }

    /// <summary>Whether half of what a new instance may still have is used: of memory, or of what the host allocates for it.</summary>
    private bool HasUsedHalf(ResourceLimits limits) =>
        _instance!.MemoryLength - _newBytes > (((long)limits.MemoryMiB << 20) - _newBytes) / 2 || _context.Tracker.LiveBytes > limits.MaxAllocationBytes / 2;

    private IGuestInstance Make()
    {
        var left = (int)_context.Remaining.TotalMilliseconds;
        if (left <= 0)
        {
            throw GuestFaults.TimedOut(scope.Limits, Stopwatch.GetTimestamp(), []);
        }

        _instance = module.Instantiate(
            (scope.Limits with { TimeoutMs = left }).ForInstance(cancellation), module.Imports.IsEmpty ? null : HeliosFunctions.For(scope.Profile.Importable), _context);
        _newBytes = _instance.MemoryLength;
        return _instance;
    }
}
