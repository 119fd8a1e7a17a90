using HeliosEdge.Grains.Embedded.Calls;
using Orleans.Runtime;

namespace Orleans;

/// <summary>What can be asked of every grain and every reference.</summary>
public static class GrainExtensions
{
    /// <summary>The key of a grain or of the grain that a reference stands for.</summary>
    /// <exception cref="ArgumentException">The object is neither.</exception>
    public static string GetPrimaryKeyString(this IAddressable grain) => grain switch
    {
        Grain activated => activated.Key,
        GrainReference reference => reference.Key,
        _ => throw new ArgumentException($"{grain.GetType()} is neither a grain nor a reference to one.", nameof(grain)),
    };
}
