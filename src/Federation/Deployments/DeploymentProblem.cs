namespace HeliosEdge.Federation.Deployments;

/// <summary>Why a deployment was not delivered, or not yet.</summary>
/// <param name="Code">A stable error code.</param>
/// <param name="Detail">What happened, for people.</param>
internal sealed record DeploymentProblem(string Code, string Detail);
