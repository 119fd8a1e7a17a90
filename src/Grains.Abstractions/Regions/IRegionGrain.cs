using HeliosEdge.Grains.Abstractions.Functions;
using Orleans;

namespace HeliosEdge.Grains.Abstractions.Regions;

/// <summary>A region; the key is its name.</summary>
[Alias("HeliosEdge.IRegionGrain")]
public interface IRegionGrain : IGrainWithStringKey
{
    /// <summary>Describes the region.</summary>
    [Alias("Describe")]
    [ResponseTimeout(CallTimes.Memory)]
    Task<RegionDescription> DescribeAsync();

    /// <summary>A page of the functions that it serves, sorted by name.</summary>
    [Alias("ListFunctions")]
    [ResponseTimeout(CallTimes.Memory)]
    Task<FunctionPage> ListFunctionsAsync(FunctionQuery query);
}
