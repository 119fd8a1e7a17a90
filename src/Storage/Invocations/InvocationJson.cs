using System.Text.Json.Serialization;

namespace HeliosEdge.Storage.Invocations;

/// <summary>How what is no text or number in rows of invocations and fan-outs is stored.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(StoredFault))]
internal sealed partial class InvocationJson : JsonSerializerContext;
