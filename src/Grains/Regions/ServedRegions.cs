using System.Collections.Immutable;
using HeliosEdge.Sandbox;

namespace HeliosEdge.Grains.Regions;

/// <summary>The regions that this silo serves, itself or, in a cluster, through the silos beside it.</summary>
public sealed class ServedRegions
{
    private readonly Lock _gate = new();
    private volatile ImmutableHashSet<string> _set;

    /// <summary>Makes the list.</summary>
    /// <param name="names">The regions, the preferred one first.</param>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/>: there is none, one is named twice, or a name is not accepted.</exception>
    public ServedRegions(IEnumerable<string> names)
    {
        Own = [.. names];
        foreach (var name in Own)
        {
            Grains.Names.Require("The region name", name);
        }

        Names = Own;
        _set = Own.ToImmutableHashSet(StringComparer.Ordinal);
        if (_set.Count != Own.Length || Own.IsEmpty)
        {
            throw new SandboxException(
                ErrorCodes.InvalidParameter,
                Own.IsEmpty ? "A silo serves at least one region; none is named." : $"A region is named twice: {string.Join(", ", Own)}.");
        }
    }

    /// <summary>Those of this silo, in the order in which they were given.</summary>
    public ImmutableArray<string> Own { get; }

    /// <summary>All names: this silo's own, then those of the silos beside it, in the order in which they became known.</summary>
    public ImmutableArray<string> Names { get; private set; }

    /// <summary>Tells whether a region is served here.</summary>
    public bool Contains(string name) => _set.Contains(name);

    /// <summary>Adds a region that a silo beside this one serves. It stays known when that silo goes.</summary>
    public void Learn(string name)
    {
        if (_set.Contains(name))
        {
            return;
        }

        lock (_gate)
        {
            if (!_set.Contains(name))
            {
                Names = Names.Add(name);
                _set = _set.Add(name);
            }
        }
    }

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
