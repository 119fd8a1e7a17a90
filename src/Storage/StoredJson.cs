using System.Text.Json.Serialization;
using HeliosEdge.Grains.Abstractions.Functions;

namespace HeliosEdge.Storage;

/// <summary>How objects look in JSON that are stored in columns.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(FunctionDescription))]
[JsonSerializable(typeof(InvocationFault))]
internal sealed partial class StoredJson : JsonSerializerContext;
