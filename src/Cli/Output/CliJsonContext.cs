using System.Text.Json;
using System.Text.Json.Serialization;
using HeliosEdge.Client;

namespace HeliosEdge.Cli.Output;

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    WriteIndented = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(FunctionInfo))]
[JsonSerializable(typeof(IReadOnlyList<FunctionInfo>))]
[JsonSerializable(typeof(IReadOnlyList<FunctionVersionInfo>))]
[JsonSerializable(typeof(IReadOnlyList<RegionInfo>))]
[JsonSerializable(typeof(KeyInfo))]
[JsonSerializable(typeof(IReadOnlyList<KeyInfo>))]
[JsonSerializable(typeof(IReadOnlyList<ChangeInfo>))]
[JsonSerializable(typeof(IReadOnlyList<ProcedureInfo>))]
[JsonSerializable(typeof(IReadOnlyList<TriggerInfo>))]
[JsonSerializable(typeof(IReadOnlyList<PipelineInfo>))]
[JsonSerializable(typeof(IReadOnlyList<DeadChange>))]
[JsonSerializable(typeof(PipelineInfo))]
[JsonSerializable(typeof(ProcedureInfo))]
[JsonSerializable(typeof(TriggerInfo))]
[JsonSerializable(typeof(Deployment))]
[JsonSerializable(typeof(FanOutInfo))]
[JsonSerializable(typeof(InvocationInfo))]
[JsonSerializable(typeof(IReadOnlyList<InvocationInfo>))]
[JsonSerializable(typeof(Named))]
[JsonSerializable(typeof(Queued))]
[JsonSerializable(typeof(RegionResult))]
[JsonSerializable(typeof(RevokedKey))]
[JsonSerializable(typeof(IReadOnlyList<ResultValue>))]
internal sealed partial class CliJsonContext : JsonSerializerContext;

/// <summary>What <c>helios deploy --json</c> prints.</summary>
internal sealed record Deployment(FunctionInfo Function, ModuleInfo Module, Uri InvokeUrl);

/// <summary>What <c>helios triggers delete --json</c> and the like print.</summary>
internal sealed record Named(string Name);

/// <summary>What <c>helios keys revoke --json</c> prints.</summary>
internal sealed record RevokedKey(string Id);

/// <summary>One of what <c>helios run --invoke --json</c> prints.</summary>
/// <param name="Type">The type's name in the text format.</param>
/// <param name="Value">As it is printed otherwise: JSON's numbers hold neither every i64 nor infinities.</param>
internal sealed record ResultValue(string Type, string Value);
