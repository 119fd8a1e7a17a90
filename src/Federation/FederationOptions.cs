using System.Collections.Immutable;

namespace HeliosEdge.Federation;

/// <summary>The silos that this one works with.</summary>
internal sealed record FederationOptions
{
    /// <summary>The regions that others serve, in the operator's order.</summary>
    public ImmutableArray<(string Region, Uri Address)> Peers { get; init; } = [];

    /// <summary>Time from one look at a peer to the next; what is waited differs from it by up to a fifth.</summary>
    public TimeSpan ProbeInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Time that a peer has for an answer that takes no work.</summary>
    public TimeSpan ProbeTimeout { get; init; } = TimeSpan.FromSeconds(2);
}
