using System.Text.Json.Serialization;

namespace HeliosEdge.Federation.Deployments;

/// <summary>Why a deployment was not delivered, as its row keeps it.</summary>
internal sealed record StoredProblem([property: JsonPropertyName("code")] string Code, [property: JsonPropertyName("detail")] string Detail)
{
    public static StoredProblem Of(DeploymentProblem problem) => new(problem.Code, problem.Detail);

    public DeploymentProblem ToProblem() => new(Code, Detail);
}
