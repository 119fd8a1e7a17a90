using System.Text.Json.Serialization;

namespace HeliosEdge.Silo.Invocations;

/// <summary>How what is under an idempotency key is stored.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StoredCall))]
internal sealed partial class StoredCallJson : JsonSerializerContext;
