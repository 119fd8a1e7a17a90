using Orleans.Runtime;

namespace Orleans.Placement;

/// <summary>Names the placement strategy of a grain class. Here there is one process, and nothing is placed.</summary>
/// <param name="placement">The strategy.</param>
[AttributeUsage(AttributeTargets.Class)]
public abstract class PlacementAttribute(PlacementStrategy placement) : Attribute
{
    /// <summary>The strategy.</summary>
    public PlacementStrategy PlacementStrategy { get; } = placement;
}
