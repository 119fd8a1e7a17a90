using System.ComponentModel;
using HeliosEdge.Grains.Invocations;
using HeliosEdge.Silo.Problems;

namespace HeliosEdge.Silo.Invocations;

/// <summary>An asynchronous invocation as the API shows it.</summary>
internal sealed record InvocationBody
{
    [Description("Its id.")]
    public required Guid Id { get; init; }

    [Description("The function's name.")]
    public required string Function { get; init; }

    [Description("Where it runs.")]
    public required string Region { get; init; }

    [Description("queued, running, succeeded, failed, dead or cancelled.")]
    public required string State { get; init; }

    [Description("The attempts that were begun.")]
    public required int Attempt { get; init; }

    [Description("How often it may be tried.")]
    public required int MaxAttempts { get; init; }

    [Description("When it was accepted.")]
    public required DateTimeOffset CreatedAt { get; init; }

    [Description("When it is due; only while it is queued.")]
    public DateTimeOffset? NextAttemptAt { get; init; }

    [Description("When its last attempt began.")]
    public DateTimeOffset? StartedAt { get; init; }

    [Description("When it ended.")]
    public DateTimeOffset? EndedAt { get; init; }

    [Description("When it and its result are forgotten; absent until it has ended.")]
    public DateTimeOffset? ExpiresAt { get; init; }

    [Description("The response, where it is UTF-8.")]
    public string? Result { get; init; }

    [Description("The response in base64, where it is not UTF-8.")]
    public string? ResultBase64 { get; init; }

    [Description("Why the last attempt failed.")]
    public Problem? Fault { get; init; }

    /// <summary>An invocation.</summary>
    /// <param name="stored">The invocation.</param>
    /// <param name="withResult">Whether its response is wanted.</param>
    public static InvocationBody Of(StoredInvocation stored, bool withResult)
    {
        var (text, base64) = withResult && stored.Response is { } response ? GuestText.Of(response.Span) : default;
        return new InvocationBody
        {
            Id = stored.Id,
            Function = stored.Function,
            Region = stored.Region,
            State = NameOf(stored.State),
            Attempt = stored.Attempt,
            MaxAttempts = stored.MaxAttempts,
            CreatedAt = stored.CreatedAt,
            NextAttemptAt = stored.State == InvocationState.Queued ? stored.NextAttemptAt : null,
            StartedAt = stored.StartedAt,
            EndedAt = stored.EndedAt,
            ExpiresAt = stored.ExpiresAt,
            Result = text,
            ResultBase64 = base64,
            Fault = stored.Fault is { } fault ? Problem.Of(fault) : null,
        };
    }

    /// <summary>A state as the API names it.</summary>
    public static string NameOf(InvocationState state) => state switch
    {
        InvocationState.Queued => "queued",
        InvocationState.Running => "running",
        InvocationState.Succeeded => "succeeded",
        InvocationState.Failed => "failed",
        InvocationState.Dead => "dead",
        _ => "cancelled",
    };
}
