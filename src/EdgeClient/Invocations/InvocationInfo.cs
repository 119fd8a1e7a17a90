using System.Text;
using System.Text.Json.Serialization;

namespace HeliosEdge.Client;

/// <summary>An asynchronous invocation as a silo describes it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Function">The function's name.</param>
/// <param name="Region">Where it runs.</param>
/// <param name="State">Where it is.</param>
/// <param name="Attempt">The attempts that were begun.</param>
/// <param name="MaxAttempts">How often it may be tried.</param>
/// <param name="CreatedAt">When it was accepted.</param>
public sealed record InvocationInfo(
    Guid Id,
    string Function,
    string Region,
    InvocationState State,
    int Attempt,
    int MaxAttempts,
    DateTimeOffset CreatedAt)
{
    /// <summary>When it and its result are forgotten; null until it has ended.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When it is due; null unless it is queued.</summary>
    public DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>When its last attempt began; null before the first.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended; null before.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>The response, where it is UTF-8; null otherwise and in lists.</summary>
    public string? Result { get; init; }

    /// <summary>The response in base64, where it is not UTF-8; null otherwise and in lists.</summary>
    public string? ResultBase64 { get; init; }

    /// <summary>Why the last attempt failed; null where none has.</summary>
    public FaultInfo? Fault { get; init; }

    /// <summary>Whether it has ended.</summary>
    [JsonIgnore]
    public bool HasEnded => State >= InvocationState.Succeeded;

    /// <summary>The response's bytes; null where there is none.</summary>
    /// <exception cref="FormatException">The silo sent what is no base64.</exception>
    public byte[]? ResponseBytes() =>
        Result is not null ? Encoding.UTF8.GetBytes(Result) : ResultBase64 is null ? null : Convert.FromBase64String(ResultBase64);
}
