namespace HeliosEdge.Client;

/// <summary>A key of a silo.</summary>
/// <param name="Id">The public part, by which it is revoked.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Scopes">What it may do.</param>
/// <param name="CreatedAt">When it was made.</param>
public sealed record KeyInfo(string Id, string Name, IReadOnlyList<string> Scopes, DateTimeOffset CreatedAt)
{
    /// <summary>Requests a second, on average; null for no limit.</summary>
    public int? Rate { get; init; }

    /// <summary>Requests at once after a quiet time; null for as many as <see cref="Rate"/>.</summary>
    public int? Burst { get; init; }

    /// <summary>When it stops being good; null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When it was revoked; null if it was not.</summary>
    public DateTimeOffset? RevokedAt { get; init; }

    /// <summary>The whole key with its secret; only where it was just made.</summary>
    public string? Key { get; init; }
}
