using System.Text.Json.Serialization;
using HeliosEdge.Sandbox.HostServices.Sql.Changes;
using HeliosEdge.Sandbox.HostServices.Sql.Triggers;

namespace HeliosEdge.Sandbox.HostServices.Sql;

/// <summary>What guests are told of databases, as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CapturedEvent))]
[JsonSerializable(typeof(PipelineDefinition))]
[JsonSerializable(typeof(SqlError))]
[JsonSerializable(typeof(TriggerCall))]
[JsonSerializable(typeof(TriggerDefinition))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class SqlJsonContext : JsonSerializerContext;
