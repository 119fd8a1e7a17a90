using System.Collections.Immutable;

namespace HeliosEdge.Federation.Deployments;

/// <summary>How far a deployment is in one region.</summary>
/// <param name="Region">The region.</param>
/// <param name="State"><c>deployed</c>, <c>pending</c> or <c>failed</c>.</param>
/// <param name="Problem">Why it failed, or has not succeeded yet; null where nothing went wrong.</param>
internal sealed record RegionDeployment(string Region, string State, DeploymentProblem? Problem)
{
    /// <summary>One for each region of an order.</summary>
    public static IEnumerable<RegionDeployment> Of(StoredDeployment order) =>
        order.Regions.Select(region => new RegionDeployment(region, Word(order.State), order.Problem));

    /// <summary>A state as the API names it.</summary>
    public static string Word(DeploymentState state) => state switch
    {
        DeploymentState.Pending => "pending",
        DeploymentState.Deployed => "deployed",
        DeploymentState.Failed => "failed",
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, null),
    };
}

/// <summary>What another silo is to do, or has done, with a function.</summary>
/// <param name="Function">The function.</param>
/// <param name="Address">The silo.</param>
/// <param name="Regions">Its regions that are meant.</param>
/// <param name="Action"><c>put</c> or <c>delete</c>.</param>
/// <param name="State"><c>deployed</c>, <c>pending</c> or <c>failed</c>.</param>
/// <param name="Attempts">How often delivery has failed.</param>
/// <param name="Problem">Why it failed, or has not succeeded yet.</param>
/// <param name="UpdatedAt">When this last changed.</param>
internal sealed record DeploymentDescription(
    string Function, string Address, ImmutableArray<string> Regions, string Action, string State, int Attempts, DeploymentProblem? Problem, DateTimeOffset UpdatedAt);

/// <summary>Deployments, sorted by function and silo.</summary>
/// <param name="Deployments">The deployments.</param>
internal sealed record DeploymentList(ImmutableArray<DeploymentDescription> Deployments);

/// <summary>How far a change is in each region.</summary>
/// <param name="Deployments">The regions.</param>
internal sealed record DeploymentReport(ImmutableArray<RegionDeployment> Deployments);
