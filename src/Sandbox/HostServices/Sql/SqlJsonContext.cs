using System.Text.Json.Serialization;

namespace HeliosEdge.Sandbox.HostServices.Sql;

/// <summary>What guests are told of databases, as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SqlError))]
internal sealed partial class SqlJsonContext : JsonSerializerContext;
