using System.Text.Json.Serialization;

namespace HeliosEdge.Federation.Deployments;

/// <summary>How the reason of a deployment is stored.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(DeploymentProblem))]
internal sealed partial class DeploymentJson : JsonSerializerContext;
