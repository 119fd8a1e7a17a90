using System.Text.Json.Serialization;

namespace HeliosEdge.Federation.Deployments;

/// <summary>How what is no text or number in rows of deployments is stored.</summary>
[JsonSerializable(typeof(StoredProblem))]
internal sealed partial class DeploymentJson : JsonSerializerContext;
