using System.Text.Json;
using System.Text.Json.Serialization;

namespace HeliosEdge.Grains.Invocations;

/// <summary>How what is under an idempotency key is stored.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, NumberHandling = JsonNumberHandling.Strict)]
[JsonSerializable(typeof(StoredCall))]
[JsonSerializable(typeof(StoredHttpAnswer))]
[JsonSerializable(typeof(StoredHttpAnswer.Problem))]
internal sealed partial class StoredCallJson : JsonSerializerContext;
