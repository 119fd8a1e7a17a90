using System.Collections.Immutable;

namespace HeliosEdge.Federation;

/// <summary>What is known of a peer at a moment.</summary>
/// <param name="IsUp">Whether it answered when it was looked at last; null before that.</param>
/// <param name="LatencyMs">How long answers take that need no work, the later ones counting more; null before the first.</param>
/// <param name="LastContact">When it answered last; null for never.</param>
/// <param name="Problem">Why it is down; null if it is not.</param>
/// <param name="Functions">How many functions each of its regions had.</param>
internal sealed record PeerState(
    bool? IsUp, double? LatencyMs, DateTimeOffset? LastContact, string? Problem, ImmutableDictionary<string, int> Functions)
{
    public static readonly PeerState Unknown = new(null, null, null, null, ImmutableDictionary<string, int>.Empty);

    /// <summary><c>up</c>, <c>down</c> or <c>unknown</c>.</summary>
    public string Word => IsUp switch { true => "up", false => "down", null => "unknown" };
}
