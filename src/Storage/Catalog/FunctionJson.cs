using System.Text.Json.Serialization;

namespace HeliosEdge.Storage.Catalog;

/// <summary>How a version of a function is stored.</summary>
[JsonSerializable(typeof(StoredFunction))]
internal sealed partial class FunctionJson : JsonSerializerContext;
