using System.Text.Json;
using System.Text.Json.Serialization;

namespace HeliosEdge.EdgeClient.Wire;

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
    ],
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.Strict,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(BundleInfo))]
[JsonSerializable(typeof(ModuleInfo))]
[JsonSerializable(typeof(FunctionRegistration))]
[JsonSerializable(typeof(FunctionInfo))]
[JsonSerializable(typeof(FunctionList))]
[JsonSerializable(typeof(KeyInfo))]
[JsonSerializable(typeof(KeyList))]
[JsonSerializable(typeof(KeyRegistration))]
[JsonSerializable(typeof(RegionList))]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(Accepted))]
[JsonSerializable(typeof(InvocationInfo))]
[JsonSerializable(typeof(InvocationPage))]
[JsonSerializable(typeof(FanOutBody))]
[JsonSerializable(typeof(FanOutInfo))]
[JsonSerializable(typeof(FanOutLine))]
internal sealed partial class EdgeJsonContext : JsonSerializerContext;

internal sealed record FunctionList(IReadOnlyList<FunctionInfo> Functions);

internal sealed record KeyList(IReadOnlyList<KeyInfo> Keys);

internal sealed record RegionList(IReadOnlyList<RegionInfo> Regions);
