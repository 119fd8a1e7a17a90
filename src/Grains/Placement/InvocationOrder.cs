using System.Collections.Immutable;
using System.Diagnostics;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Http;

namespace HeliosEdge.Grains.Placement;

/// <summary>One invocation that is to be placed in a region.</summary>
public sealed record InvocationOrder
{
    /// <summary>The function's name.</summary>
    public required string Function { get; init; }

    /// <summary>Where it is to run; null for the preferred region here that serves it, else the nearest one elsewhere.</summary>
    public string? Region { get; init; }

    /// <summary>The regions to try in this order where the one before cannot be reached.</summary>
    public ImmutableArray<string> Failover { get; init; } = [];

    /// <summary>What the guest gets; left unchanged until the invocation has been answered.</summary>
    public ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>The HTTP request that the payload is the body of; null for an invocation that is none.</summary>
    public HttpCall? Http { get; init; }

    /// <summary>Takes the answer to <see cref="Http"/> while the guest writes it, and may bring the body, which then is not in the payload; null for an answer that comes with the result.</summary>
    public StreamedResponse? Stream { get; init; }

    /// <summary>Milliseconds that the caller will wait, counted from <see cref="Since"/>; null for as long as the function may run.</summary>
    public int? PatienceMs { get; init; }

    /// <summary>When the caller began to wait, as <see cref="Stopwatch.GetTimestamp"/> tells it.</summary>
    public long Since { get; init; } = Stopwatch.GetTimestamp();

    /// <summary>Milliseconds that the caller will wait from now on, 0 or less once the deadline has passed; null for as long as the function may run.</summary>
    public int? LeftMs => PatienceMs - (int)Stopwatch.GetElapsedTime(Since).TotalMilliseconds;

    /// <summary>What is left of a time that began when the caller began to wait; never less than nothing.</summary>
    public TimeSpan LeftOf(TimeSpan patience) => patience - Stopwatch.GetElapsedTime(Since) is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;

    /// <summary>The trace that it belongs to, as W3C's <c>traceparent</c>; null for none.</summary>
    public string? TraceParent { get; init; }

    /// <summary>What tracing systems added to <see cref="TraceParent"/>, as W3C's <c>tracestate</c>; null for nothing.</summary>
    public string? TraceState { get; init; }

    /// <summary>How many silos have passed the invocation on to another one before.</summary>
    public int Hops { get; init; }
}
