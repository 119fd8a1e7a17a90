using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Abstractions.Regions;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Grains.Placement;
using Orleans;
using Orleans.Concurrency;

namespace HeliosEdge.Grains.Regions;

/// <summary>Answers from the catalog what a region serves.</summary>
[Reentrant]
[StatelessWorker(1)]
[RegionFilter]
public sealed class RegionGrain(FunctionCatalog catalog) : Grain, IRegionGrain
{
    /// <inheritdoc/>
    public Task<RegionDescription> DescribeAsync()
    {
        var name = this.GetPrimaryKeyString();
        return Task.FromResult(new RegionDescription { Name = name, Functions = catalog.Count(name) });
    }

    /// <inheritdoc/>
    public Task<FunctionPage> ListFunctionsAsync(FunctionQuery query) => Task.FromResult(catalog.List(query, this.GetPrimaryKeyString()));
}
