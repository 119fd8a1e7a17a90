using System.Text.Json;
using System.Text.Json.Serialization;

namespace HeliosEdge.Client.Wire;

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    Converters =
    [
        typeof(NonNullElements<string>),
        typeof(NonNullValues),
        typeof(NonNullElements<ModuleExport>),
        typeof(NonNullElements<ModuleImport>),
        typeof(NonNullElements<FunctionInfo>),
        typeof(NonNullElements<RegionInfo>),
        typeof(NonNullElements<KeyInfo>),
        typeof(NonNullElements<RegionDeployment>),
        typeof(NonNullElements<InvocationInfo>),
        typeof(NonNullElements<FunctionVersionInfo>),
        typeof(NonNullElements<ChangeInfo>),
        typeof(NonNullElements<DatabaseInfo>),
        typeof(NonNullElements<ProcedureInfo>),
        typeof(NonNullElements<TriggerInfo>),
        typeof(NonNullElements<PipelineInfo>),
        typeof(NonNullElements<DeadChange>),
        typeof(NonNullElements<SqlResult>),
        typeof(NonNullElements<SqlStatement>),
        typeof(NonNullElements<IReadOnlyList<JsonElement>>),
    ],
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.Strict,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(BundleInfo))]
[JsonSerializable(typeof(ChangePage))]
[JsonSerializable(typeof(DatabaseList))]
[JsonSerializable(typeof(IReadOnlyList<SqlResult>))]
[JsonSerializable(typeof(IReadOnlyList<SqlStatement>))]
[JsonSerializable(typeof(ModuleInfo))]
[JsonSerializable(typeof(FunctionRegistration))]
[JsonSerializable(typeof(FunctionInfo))]
[JsonSerializable(typeof(FunctionList))]
[JsonSerializable(typeof(FunctionVersionInfo))]
[JsonSerializable(typeof(IReadOnlyDictionary<int, int>))]
[JsonSerializable(typeof(KeyInfo))]
[JsonSerializable(typeof(KeyList))]
[JsonSerializable(typeof(KeyRegistration))]
[JsonSerializable(typeof(DeadChangeList))]
[JsonSerializable(typeof(PipelineInfo))]
[JsonSerializable(typeof(PipelineList))]
[JsonSerializable(typeof(PipelineRegistration))]
[JsonSerializable(typeof(ProcedureInfo))]
[JsonSerializable(typeof(ProcedureList))]
[JsonSerializable(typeof(ProcedureRegistration))]
[JsonSerializable(typeof(RegionList))]
[JsonSerializable(typeof(TriggerInfo))]
[JsonSerializable(typeof(TriggerList))]
[JsonSerializable(typeof(TriggerRegistration))]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(Accepted))]
[JsonSerializable(typeof(InvocationInfo))]
[JsonSerializable(typeof(InvocationPage))]
[JsonSerializable(typeof(FanOutBody))]
[JsonSerializable(typeof(FanOutInfo))]
[JsonSerializable(typeof(FanOutLine))]
[JsonSerializable(typeof(Replay))]
[JsonSerializable(typeof(Rollback))]
[JsonSerializable(typeof(VersionList))]
internal sealed partial class EdgeJsonContext : JsonSerializerContext;

internal sealed record ChangePage(IReadOnlyList<ChangeInfo> Entries, long? Before = null);

internal sealed record DatabaseList(IReadOnlyList<DatabaseInfo> Databases);

internal sealed record DeadChangeList(IReadOnlyList<DeadChange> Changes);

internal sealed record FunctionList(IReadOnlyList<FunctionInfo> Functions, string? Next = null);

internal sealed record KeyList(IReadOnlyList<KeyInfo> Keys);

internal sealed record PipelineList(IReadOnlyList<PipelineInfo> Pipelines);

internal sealed record ProcedureList(IReadOnlyList<ProcedureInfo> Procedures, string? Next = null);

internal sealed record RegionList(IReadOnlyList<RegionInfo> Regions);

internal sealed record Replay(string From);

internal sealed record Rollback(int? Version);

internal sealed record TriggerList(IReadOnlyList<TriggerInfo> Triggers);

internal sealed record VersionList(IReadOnlyList<FunctionVersionInfo> Versions, int? Next = null);
