using System.Text.Json.Serialization;
using HeliosEdge.Grains.Abstractions.Functions;

namespace HeliosEdge.Federation;

/// <summary>What silos say to each other, in JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(HttpAnswer))]
[JsonSerializable(typeof(HttpCall))]
[JsonSerializable(typeof(PeerHello))]
internal sealed partial class PeerJson : JsonSerializerContext;
