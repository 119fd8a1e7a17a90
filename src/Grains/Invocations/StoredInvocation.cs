using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Abstractions.Invocations;

namespace HeliosEdge.Grains.Invocations;

/// <summary>An asynchronous invocation as it is on disk.</summary>
public sealed record StoredInvocation
{
    /// <summary>A UUID of version 7: sorted, they are in the order in which they were queued, to the millisecond.</summary>
    public required Guid Id { get; init; }

    /// <summary>The function's name.</summary>
    public required string Function { get; init; }

    /// <summary>Where it runs.</summary>
    public required string Region { get; init; }

    /// <summary>What the guest gets.</summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>Where it is.</summary>
    public required InvocationState State { get; init; }

    /// <summary>The attempts that were begun, the one that runs included.</summary>
    public required int Attempt { get; init; }

    /// <summary>How often it may be tried.</summary>
    public required int MaxAttempts { get; init; }

    /// <summary>When it is due; of no meaning once it has ended.</summary>
    public required DateTimeOffset NextAttemptAt { get; init; }

    /// <summary>Who runs it; null unless it is running.</summary>
    public string? LeaseOwner { get; init; }

    /// <summary>Until when; null unless it is running.</summary>
    public DateTimeOffset? LeaseUntil { get; init; }

    /// <summary>The response; null unless it succeeded.</summary>
    public ReadOnlyMemory<byte>? Response { get; init; }

    /// <summary>Why the last attempt failed; null where none has.</summary>
    public InvocationFault? Fault { get; init; }

    /// <summary>The key that it was queued with, or null.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>Who queued it, or null.</summary>
    public string? Owner { get; init; }

    /// <summary>When it was queued.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When its last attempt began; null before the first.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended; null before.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>How often in a row it was put off because nobody could begin it; such attempts do not count.</summary>
    public int Postponed { get; init; }

    /// <summary>The trace that it belongs to, as W3C's <c>traceparent</c>; null for none.</summary>
    public string? TraceParent { get; init; }

    /// <summary>When it and its result are forgotten, or with its fan-out if that is decided later; null until it has ended.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>What whoever asks for it is told.</summary>
    /// <param name="withResponse">Whether its response is wanted.</param>
    public InvocationStatus ToStatus(bool withResponse) => new()
    {
        Id = Id,
        Function = Function,
        Region = Region,
        State = State,
        Attempt = Attempt,
        MaxAttempts = MaxAttempts,
        CreatedAt = CreatedAt,
        NextAttemptAt = State == InvocationState.Queued ? NextAttemptAt : null,
        StartedAt = StartedAt,
        EndedAt = EndedAt,
        ExpiresAt = ExpiresAt,
        Response = withResponse ? Response : null,
        Fault = Fault,
    };
}
