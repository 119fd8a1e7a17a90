using System.Text.Json.Serialization;

namespace HeliosEdge.Storage.Invocations;

/// <summary>How a list of ids is stored.</summary>
[JsonSerializable(typeof(string[]))]
internal sealed partial class FanOutJson : JsonSerializerContext;
