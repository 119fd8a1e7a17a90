using HeliosEdge.Silo.Keys;
using HeliosEdge.Grains.Abstractions.Regions;
using HeliosEdge.Grains.Regions;
using HeliosEdge.Silo.Access;
using HeliosEdge.Sandbox;
using HeliosEdge.Silo.Functions;
using HeliosEdge.Silo.Http;
using Microsoft.AspNetCore.Mvc;
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

        app.MapGet("/v1/regions/{region}/functions", async (
                string region,
                [FromQuery] int? limit,
                [FromQuery] string? after,
                [FromQuery] string? prefix,
                ServedRegions regions,
                IGrainFactory grains) =>
            {
                regions.Require(region);
                var page = await grains.GetGrain<IRegionGrain>(region).ListFunctionsAsync(FunctionEndpoints.Query(limit, after, prefix));
                return JsonResponse.Ok(FunctionList.Of(page), ApiJson.Legible.FunctionList);
            })
            .Needs(Scopes.Read)
            .WithTags("Regions")
            .WithName("listFunctionsOfRegion")
            .WithSummary("Lists the functions of a region, sorted by name.")
            .WithDescription(FunctionEndpoints.Paging)
            .Produces<FunctionList>()
            .ProducesProblems(StatusCodes.Status400BadRequest, StatusCodes.Status404NotFound);
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
