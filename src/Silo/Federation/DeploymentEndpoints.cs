using HeliosEdge.Access.Keys;
using HeliosEdge.Federation.Deployments;
using HeliosEdge.Grains;
using HeliosEdge.Sandbox;
using HeliosEdge.Silo.Access;
using HeliosEdge.Silo.Http;
using Microsoft.AspNetCore.Mvc;

namespace HeliosEdge.Silo.Federation;

/// <summary>Deployments to other silos over HTTP.</summary>
internal static class DeploymentEndpoints
{
    private const int MaxListed = 1_000;

    public static void MapDeployments(this WebApplication app) =>
        app.MapGet("/v1/deployments", async ([FromQuery] string? state, IDeploymentStore store) =>
            {
                var deployments = await store.ListAsync(Parse(state), MaxListed);
                return JsonResponse.Ok(new DeploymentList([.. deployments.Select(Describe)]), ApiJson.Legible.DeploymentList);
            })
            .Needs(Scopes.Read)
            .WithTags("Deployments")
            .WithName("listDeployments")
            .WithSummary("Lists what other silos were told to register or remove, and whether they have.")
            .WithDescription($"state is pending, deployed or failed; none means all. Up to {MaxListed} are listed.")
            .Produces<DeploymentList>()
            .ProducesProblems(StatusCodes.Status400BadRequest);

    private static DeploymentState? Parse(string? state) => state switch
    {
        null => null,
        "pending" => DeploymentState.Pending,
        "deployed" => DeploymentState.Deployed,
        "failed" => DeploymentState.Failed,
        _ => throw new SandboxException(ErrorCodes.InvalidParameter, $"state is pending, deployed or failed, not \"{Names.Shorten(state)}\"."),
    };

    private static DeploymentDescription Describe(StoredDeployment deployment) => new(
        deployment.Function,
        deployment.Peer,
        deployment.Regions,
        deployment.Registration is null ? "delete" : "put",
        RegionDeployment.Word(deployment.State),
        deployment.Attempts,
        deployment.Problem,
        deployment.UpdatedAt);
}
