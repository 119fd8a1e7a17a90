using HeliosEdge.Silo.Keys;
using HeliosEdge.Grains.Abstractions.Regions;
using HeliosEdge.Grains.Regions;
using HeliosEdge.Silo.Access;
using HeliosEdge.Sandbox;
using HeliosEdge.Silo.Functions;
using HeliosEdge.Silo.Http;
using Orleans;

namespace HeliosEdge.Silo.Regions;

/// <summary>Regions over HTTP.</summary>
internal static class RegionEndpoints
{
    public static void MapRegions(this WebApplication app)
    {
        app.MapGet("/v1/regions", async (ServedRegions regions, IGrainFactory grains) =>
            {
                var described = await Task.WhenAll(regions.Names.Select(name => DescribeAsync(name, grains)));
                return JsonResponse.Ok(new RegionList([.. described.OfType<RegionDescription>()]), ApiJson.Legible.RegionList);
            })
            .Needs(Scopes.Read)
            .WithTags("Regions")
            .WithName("listRegions")
            .WithSummary("Lists the regions that this silo serves, the preferred one first.")
            .Produces<RegionList>();

        app.MapGet("/v1/regions/{region}/functions", async (string region, ServedRegions regions, IGrainFactory grains) =>
            {
                regions.Require(region);
                var functions = await grains.GetGrain<IRegionGrain>(region).ListFunctionsAsync();
                return JsonResponse.Ok(new FunctionList(functions), ApiJson.Legible.FunctionList);
            })
            .Needs(Scopes.Read)
            .WithTags("Regions")
            .WithName("listFunctionsOfRegion")
            .WithSummary("Lists the functions of a region, sorted by name.")
            .Produces<FunctionList>()
            .ProducesProblems(StatusCodes.Status404NotFound);
    }

    /// <summary>Null if no silo of the region is up.</summary>
    private static async Task<RegionDescription?> DescribeAsync(string name, IGrainFactory grains)
    {
        try
        {
            return await grains.GetGrain<IRegionGrain>(name).DescribeAsync();
        }
        catch (SandboxException e) when (e.Code == ErrorCodes.RegionUnavailable)
        {
            return null;
        }
    }
}
