using HeliosEdge.Access.Audit;
using HeliosEdge.Access.Keys;

namespace HeliosEdge.Silo.Access;

/// <summary>A key, without its secret.</summary>
/// <param name="Id">The public part.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Scopes">What it may do.</param>
/// <param name="Rate">Requests a second.</param>
/// <param name="Burst">Requests at once.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ExpiresAt">When it stops being good.</param>
/// <param name="RevokedAt">When it was revoked.</param>
/// <param name="Key">The whole key; only in the answer that makes it.</param>
internal sealed record KeyDescription(
    string Id,
    string Name,
    IReadOnlyList<string> Scopes,
    int? Rate,
    int? Burst,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset? RevokedAt,
    string? Key)
{
    public static KeyDescription Of(ApiKey key, string? text = null) => new(
        key.Id, key.Name, ScopeWords.Words(key.Scopes), key.Rate, key.Burst, key.CreatedAt, key.ExpiresAt, key.RevokedAt, text);
}

/// <summary>Keys, in the order in which they were made.</summary>
/// <param name="Keys">All, revoked and expired ones too.</param>
internal sealed record KeyList(IReadOnlyList<KeyDescription> Keys);

/// <summary>A page of the log of changes.</summary>
/// <param name="Entries">The newest first.</param>
/// <param name="Before">What to ask for to get the next page; null on the last one.</param>
internal sealed record AuditPage(IReadOnlyList<AuditEntry> Entries, long? Before);
