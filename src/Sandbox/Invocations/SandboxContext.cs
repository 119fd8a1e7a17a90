using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Memory;

namespace HeliosEdge.Sandbox.Invocations;

/// <summary>One invocation as its host functions see it: who runs where, until when, and what it has used. One thread at a time.</summary>
public sealed class SandboxContext : IGuestState
{
    private static readonly Meter Meter = new("HeliosEdge.Sandbox");
    private static readonly Counter<long> LeakedBytes = Meter.CreateCounter<long>(
        "helios.sandbox.leaked_bytes", "By", "Memory that guests allocated through the host and never gave back.");

    private long _deadline;
    private readonly EscapeDetector _escapes;
    private IGuestAccess? _guest;
    private GuestMemory? _memory;
    private Dictionary<Type, object>? _states;
    private long _logBytes;
    private bool _hasReachedDeadline;
    private bool _isEntered;

    /// <summary>Begins an invocation.</summary>
    /// <param name="scope">The function.</param>
    /// <param name="started">When the invocation began, by <see cref="Stopwatch"/>; its time counts anew from where its guest is entered.</param>
    public SandboxContext(SandboxScope scope, long started)
    {
        Scope = scope;
        _deadline = DeadlineAfter(started);
        _escapes = new EscapeDetector(scope.Function, scope.Region, scope.Services.Escapes, scope.Services.MaxViolations);
        Tracker = NewTracker();
    }

    /// <summary>The function that runs.</summary>
    public SandboxScope Scope { get; }

    /// <summary>Takes the invocation back: what waits in a host call for its guest ends then, as at the deadline.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>The blocks that the host allocated in the guest.</summary>
    public AllocationTracker Tracker { get; private set; }

    /// <summary>Whether the time of all instances together counts, from when the first one is entered.</summary>
    public bool EntersOnce { get; init; }

    /// <summary>The host calls so far.</summary>
    public int HostCalls { get; private set; }

    /// <summary>The refused accesses so far.</summary>
    public int Violations => _escapes.Violations;

    /// <summary>What a host service keeps for this invocation; made when it is first asked for.</summary>
    /// <typeparam name="T">The service's own type for it.</typeparam>
    public T StateOf<T>()
        where T : class, new()
    {
        _states ??= [];
        if (!_states.TryGetValue(typeof(T), out var state))
        {
            _states.Add(typeof(T), state = new T());
        }

        return (T)state;
    }

    /// <summary>What a host service keeps for this invocation; null where it keeps nothing yet.</summary>
    /// <typeparam name="T">The service's own type for it.</typeparam>
    public T? FindState<T>()
        where T : class, new() => _states?.GetValueOrDefault(typeof(T)) as T;

    /// <summary>The time that is left; zero or less once the deadline has passed.</summary>
    public TimeSpan Remaining => Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), _deadline);

    /// <summary>True once the deadline has passed, or the guest was told so: what it returns from then on is no answer.</summary>
    public bool HasReachedDeadline => _hasReachedDeadline || Remaining <= TimeSpan.Zero;

    /// <summary>Takes note that the guest is told of its deadline. Waits are rounded, so that may be a moment before it.</summary>
    public void ReachDeadline() => _hasReachedDeadline = true;

    /// <inheritdoc/>
    void IGuestState.Enter(long timestamp)
    {
        if (_isEntered && EntersOnce)
        {
            // Blocks in the instance before this one are gone with it.
            Tracker = NewTracker();
            return;
        }

        _isEntered = true;
        _deadline = DeadlineAfter(timestamp);
    }

    /// <summary>The checked way into the memory of the guest that calls.</summary>
    public GuestMemory MemoryOf(IGuestAccess guest)
    {
        if (_memory is null || !ReferenceEquals(_guest, guest))
        {
            _guest = guest;
            _memory = new GuestMemory(guest, _escapes, Scope.Limits.MaxStringBytes, Tracker);
        }

        return _memory;
    }

    /// <summary>Takes note of an access that was refused elsewhere than in <see cref="MemoryOf"/>.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.SandboxViolation"/>: it was one too many.</exception>
    internal void ReportEscape(GuestMemoryException refused) => _escapes.Report(refused);

    /// <summary>Counts a host call.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.HostCallsExceeded"/>: it is one too many.</exception>
    public void CountHostCall()
    {
        if (++HostCalls > Scope.Limits.MaxHostCalls)
        {
            throw SandboxException.Breach(
                ErrorCodes.HostCallsExceeded, "The guest was ended at its host call", Scope.Limits.MaxHostCalls, HostCalls, "calls");
        }
    }

    /// <summary>Writes a line to the function's log; its end counts as a byte, so that empty lines come to an end, too.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.LogLimitExceeded"/>: it does not fit; the line is not written.</exception>
    public void Log(GuestLogLevel level, string text)
    {
        var bytes = _logBytes + Encoding.UTF8.GetByteCount(text) + 1;
        if (bytes > Scope.Limits.MaxLogBytes)
        {
            throw SandboxException.Breach(ErrorCodes.LogLimitExceeded, "The guest's log has", Scope.Limits.MaxLogBytes, bytes, "bytes");
        }

        _logBytes = bytes;
        Scope.Services.Log?.Write(Scope.Function, Scope.Region, level, text);
    }

    /// <summary>Writes to the function's log why a host call failed; dropped where the log is full, for the guest did not ask for it.</summary>
    public void Explain(string text)
    {
        var bytes = _logBytes + Encoding.UTF8.GetByteCount(text) + 1;
        if (bytes <= Scope.Limits.MaxLogBytes)
        {
            _logBytes = bytes;
            Scope.Services.Log?.Write(Scope.Function, Scope.Region, GuestLogLevel.Warning, text);
        }
    }

    private AllocationTracker NewTracker() => new(Scope.Limits.MaxAllocationBytes, (long)Scope.Limits.MemoryMiB << 20);

    private long DeadlineAfter(long started) => started + (Scope.Limits.TimeoutMs * Stopwatch.Frequency / 1000);

    /// <summary>Ends the invocation, however it went: counts what was left over. That is no fault: the instance is thrown away, or its memory is zeroed.</summary>
    public void End()
    {
        if (Tracker.LiveBytes > 0)
        {
            LeakedBytes.Add(Tracker.LiveBytes, new("function", Scope.Function), new("region", Scope.Region));
        }
    }
}
