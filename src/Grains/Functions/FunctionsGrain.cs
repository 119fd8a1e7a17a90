using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Regions;
using HeliosEdge.Sandbox;
using Orleans;
using Orleans.Concurrency;

namespace HeliosEdge.Grains.Functions;

/// <summary>Answers from the catalog which functions there are.</summary>
[Reentrant]
[StatelessWorker(1)]
public sealed class FunctionsGrain(FunctionCatalog catalog, ServedRegions regions) : Grain, IFunctionsGrain
{
    /// <inheritdoc/>
    public Task<FunctionListing> ListAsync(string? region, FunctionQuery query)
    {
        try
        {
            if (region is not null)
            {
                regions.Require(region);
            }

            var page = catalog.List(query with { Limit = Math.Clamp(query.Limit, 1, FunctionQuery.MaxLimit) }, region);
            return Task.FromResult(new FunctionListing { Page = page });
        }
        catch (SandboxException e)
        {
            return Task.FromResult(new FunctionListing { Refusal = Faults.Of(e) });
        }
    }
}
