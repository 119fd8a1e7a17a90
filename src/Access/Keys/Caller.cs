namespace HeliosEdge.Access.Keys;

/// <summary>Who sent a request, and what they may do. Found in the request's features once it is let through, but for calls of functions that are answered at once and have no idempotency key.</summary>
/// <param name="Name">As in the log of changes.</param>
/// <param name="Scopes">With all that they imply.</param>
/// <param name="Rate">Requests a second; null for no limit.</param>
/// <param name="Burst">Requests at once; null for as many as <paramref name="Rate"/>.</param>
internal sealed record Caller(string Name, Scopes Scopes, int? Rate = null, int? Burst = null)
{
    /// <summary>Anybody on this machine, while there are no keys: may do everything.</summary>
    public static readonly Caller Loopback = new("loopback", Scopes.Admin.WithImplied() | Scopes.Peer);

    /// <summary>Of this caller alone, whatever <see cref="Name"/> leaves out to be fit for a log.</summary>
    public string Identity { get; init; } = Name;

    public bool May(Scopes scope) => (Scopes & scope) == scope;
}
