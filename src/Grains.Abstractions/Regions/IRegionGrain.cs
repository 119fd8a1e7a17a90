using HeliosEdge.Grains.Abstractions.Functions;
using Orleans;

namespace HeliosEdge.Grains.Abstractions.Regions;

/// <summary>A region; the key is its name.</summary>
[Alias("HeliosEdge.IRegionGrain")]
public interface IRegionGrain : IGrainWithStringKey
{
    /// <summary>Describes the region.</summary>
    [Alias("Describe")]
    Task<RegionDescription> DescribeAsync();

    /// <summary>A page of the functions that it serves, sorted by name.</summary>
    [Alias("ListFunctions")]
    Task<FunctionPage> ListFunctionsAsync(FunctionQuery query);
}
