namespace HeliosEdge.Client;

/// <summary>How a client presents itself to a silo.</summary>
public sealed class HttpEdgeClientOptions
{
    /// <summary>
    /// The key (<c>hk_…</c>) or the token of an issuer that the silo trusts, sent with every request; null for a silo that needs none.
    /// </summary>
    public string? Key { get; init; }
}
