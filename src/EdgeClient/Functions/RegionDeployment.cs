namespace HeliosEdge.Client;

/// <summary>How far the registration of a function is in one region.</summary>
/// <param name="Region">The region.</param>
/// <param name="State"><c>deployed</c>; <c>pending</c>: its silo takes it when it can be reached; <c>failed</c>: its silo refuses it.</param>
public sealed record RegionDeployment(string Region, string State)
{
    /// <summary>Why it failed, or has not succeeded yet; null where nothing went wrong.</summary>
    public DeploymentProblem? Problem { get; init; }
}

/// <summary>Why a registration has not reached a region.</summary>
/// <param name="Code">A stable error code.</param>
/// <param name="Detail">What happened, for people.</param>
public sealed record DeploymentProblem(string Code, string Detail);
