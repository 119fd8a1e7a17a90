using System.ComponentModel;
using HeliosEdge.Grains.Abstractions.Invocations;
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
    public static InvocationBody Of(InvocationStatus status)
    {
        var (text, base64) = status.Response is { } response ? GuestText.Of(response.Span) : default;
        return new InvocationBody
        {
            Id = status.Id,
            Function = status.Function,
            Region = status.Region,
            State = NameOf(status.State),
            Attempt = status.Attempt,
            MaxAttempts = status.MaxAttempts,
            CreatedAt = status.CreatedAt,
            NextAttemptAt = status.NextAttemptAt,
            StartedAt = status.StartedAt,
            EndedAt = status.EndedAt,
            ExpiresAt = status.ExpiresAt,
            Result = text,
            ResultBase64 = base64,
            Fault = status.Fault is { } fault ? Problem.Of(fault) : null,
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
