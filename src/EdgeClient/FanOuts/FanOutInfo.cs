using System.Text.Json.Serialization;

namespace HeliosEdge.Client;

/// <summary>A durable fan-out as a silo describes it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Function">The function's name.</param>
/// <param name="Mode">When it is done.</param>
/// <param name="State"><c>running</c>, <c>succeeded</c> or <c>failed</c>.</param>
/// <param name="Needed">How many regions must succeed.</param>
/// <param name="CreatedAt">When it was accepted.</param>
/// <param name="Regions">The invocation of each region.</param>
public sealed record FanOutInfo(
    Guid Id,
    string Function,
    FanOutMode Mode,
    string State,
    int Needed,
    DateTimeOffset CreatedAt,
    IReadOnlyList<InvocationInfo> Regions)
{
    /// <summary>When it is forgotten; null until it is decided.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Whether it is decided.</summary>
    [JsonIgnore]
    public bool HasEnded => State != "running";
}
