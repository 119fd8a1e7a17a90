using System.Collections.Immutable;
using System.Text.Json;
using HeliosEdge.Federation.Deployments;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Silo.Http;

namespace HeliosEdge.Silo.Federation;

/// <summary>Answers a registration that leads to other silos: the function as always, and how far each region is.</summary>
internal static class FunctionDeployment
{
    public static IResult Answer(FunctionDescription function, bool isNew, ImmutableArray<RegionDeployment> regions)
    {
        var answer = JsonSerializer.SerializeToNode(function, ApiJson.Legible.FunctionDescription)!.AsObject();
        var report = JsonSerializer.SerializeToNode(new DeploymentReport(regions), ApiJson.Legible.DeploymentReport)!.AsObject();
        answer["deployments"] = report["deployments"]!.DeepClone();
        var status = regions.Any(region => region.State == RegionDeployment.Word(DeploymentState.Pending)) ? StatusCodes.Status202Accepted
            : isNew ? StatusCodes.Status201Created
            : StatusCodes.Status200OK;
        return TypedResults.Text(answer.ToJsonString(ApiJson.Legible.Options), "application/json", statusCode: status);
    }
}
