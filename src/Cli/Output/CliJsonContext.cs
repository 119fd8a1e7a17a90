using System.Text.Json;
using System.Text.Json.Serialization;
using HeliosEdge.EdgeClient;

namespace HeliosEdge.Cli.Output;

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    WriteIndented = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(FunctionInfo))]
[JsonSerializable(typeof(IReadOnlyList<FunctionInfo>))]
[JsonSerializable(typeof(IReadOnlyList<RegionInfo>))]
[JsonSerializable(typeof(KeyInfo))]
[JsonSerializable(typeof(IReadOnlyList<KeyInfo>))]
[JsonSerializable(typeof(Deployment))]
[JsonSerializable(typeof(FanOutInfo))]
[JsonSerializable(typeof(InvocationInfo))]
[JsonSerializable(typeof(IReadOnlyList<InvocationInfo>))]
[JsonSerializable(typeof(Queued))]
[JsonSerializable(typeof(RegionResult))]
internal sealed partial class CliJsonContext : JsonSerializerContext;

/// <summary>What <c>helios deploy --json</c> prints.</summary>
internal sealed record Deployment(FunctionInfo Function, ModuleInfo Module, Uri InvokeUrl);
