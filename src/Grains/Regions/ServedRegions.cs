using System.Collections.Frozen;
using System.Collections.Immutable;
using HeliosEdge.Sandbox;

namespace HeliosEdge.Grains.Regions;

/// <summary>The regions that this silo serves.</summary>
public sealed class ServedRegions
{
    private readonly FrozenSet<string> _set;

    /// <summary>Makes the list.</summary>
    /// <param name="names">The regions, the preferred one first.</param>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/>: there is none, one is named twice, or a name is not accepted.</exception>
    public ServedRegions(IEnumerable<string> names)
    {
        Names = [.. names];
        foreach (var name in Names)
        {
            Grains.Names.Require("The region name", name);
        }

        _set = Names.ToFrozenSet(StringComparer.Ordinal);
        if (_set.Count != Names.Length || Names.IsEmpty)
        {
            throw new SandboxException(
                ErrorCodes.InvalidParameter,
                Names.IsEmpty ? "A silo serves at least one region; none is named." : $"A region is named twice: {string.Join(", ", Names)}.");
        }
    }

    /// <summary>Their names, in the order in which they were given.</summary>
    public ImmutableArray<string> Names { get; }

    /// <summary>Tells whether a region is served here.</summary>
    public bool Contains(string name) => _set.Contains(name);

    /// <summary>Refuses a region that is not served here.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.RegionNotFound"/>.</exception>
    public void Require(string name)
    {
        if (!Contains(name))
        {
            throw new SandboxException(
                ErrorCodes.RegionNotFound,
                $"There is no region \"{Grains.Names.Shorten(name)}\" here; this silo serves {string.Join(", ", Names)}.");
        }
    }
}
