using System.Collections.Immutable;

namespace HeliosEdge.Sandbox.Limits;

/// <summary>The limits that a registration asks for; what it does not name is left to the policy's default.</summary>
/// <param name="Values">Values by <see cref="LimitKind.Name"/>; not checked yet. Names that are no limit's are ignored.</param>
public sealed record RequestedLimits(ImmutableDictionary<string, long> Values)
{
    /// <summary>Asks for nothing in particular.</summary>
    public static RequestedLimits None { get; } = new(ImmutableDictionary<string, long>.Empty);

    /// <summary>Asks for one limit, or for one more.</summary>
    public RequestedLimits With(string name, long value) => new(Values.SetItem(name, value));

    /// <summary>The value that is asked for, or null.</summary>
    internal long? Of(LimitKind kind) => Values.TryGetValue(kind.Name, out var value) ? value : null;
}
