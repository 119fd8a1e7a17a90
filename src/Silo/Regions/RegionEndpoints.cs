using HeliosEdge.Access.Keys;
using HeliosEdge.Federation;
using HeliosEdge.Grains.Abstractions.Regions;
using HeliosEdge.Grains.Regions;
using HeliosEdge.Sandbox;
using HeliosEdge.Silo.Access;
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
        app.MapGet("/v1/regions", async (ServedRegions regions, HttpRegionPeers peers, IGrainFactory grains) =>
            {
                var described = await Task.WhenAll(regions.Names.Select(name => DescribeAsync(name, grains)));
                return JsonResponse.Ok(new RegionList([.. described.OfType<RegionDescription>(), .. peers.Regions.Select(Describe)]), ApiJson.Legible.RegionList);
            })
            .Needs(Scopes.Read)
            .WithTags("Regions")
            .WithName("listRegions")
            .WithSummary("Lists the regions that this silo serves, the preferred one first, then those of other silos, with what is known of them.")
            .Produces<RegionList>();

        app.MapGet("/v1/regions/{region}/functions", async Task<IResult> (
                HttpContext http,
                string region,
                [FromQuery] int? limit,
                [FromQuery] string? after,
                [FromQuery] string? prefix,
                ServedRegions regions,
                HttpRegionPeers peers,
                IGrainFactory grains) =>
            {
                if (peers.FindRegion(region) is { } peer)
                {
                    await peer.ForwardAsync(http, HttpMethod.Get, $"v1/regions/{region}/functions{http.Request.QueryString}", CallTerms.Of(http.Request));
                    return TypedResults.Empty;
                }

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
            .ProducesProblems(StatusCodes.Status400BadRequest, StatusCodes.Status404NotFound, StatusCodes.Status503ServiceUnavailable);
    }

    private static RegionDescription Describe(HttpRegionPeer peer)
    {
        var state = peer.Silo.State;
        return new RegionDescription
        {
            Name = peer.Region,
            Functions = state.Functions.GetValueOrDefault(peer.Region),
            State = state.Word,
            Address = peer.Silo.Address.GetLeftPart(UriPartial.Authority),
            LatencyMs = state.LatencyMs is { } latency ? Math.Round(latency, 2) : null,
            LastContact = state.LastContact,
            Problem = state.Problem,
        };
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
