using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using HeliosEdge.Federation;
using HeliosEdge.Federation.Deployments;
using HeliosEdge.Grains.Abstractions.Bundles;
using HeliosEdge.Grains.Abstractions.Databases;
using HeliosEdge.Grains.Abstractions.Pipelines;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Abstractions.Modules;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Silo.Access;
using HeliosEdge.Silo.Databases;
using HeliosEdge.Silo.Functions;
using HeliosEdge.Silo.Health;
using HeliosEdge.Silo.Invocations;
using HeliosEdge.Silo.Problems;
using HeliosEdge.Silo.Pipelines;
using HeliosEdge.Silo.Procedures;
using HeliosEdge.Silo.Regions;
using HeliosEdge.Silo.Triggers;

namespace HeliosEdge.Silo.Http;

/// <summary>How the API's objects look in JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AuditPage))]
[JsonSerializable(typeof(AcceptedBody))]
[JsonSerializable(typeof(BundleDescription))]
[JsonSerializable(typeof(DatabaseList))]
[JsonSerializable(typeof(DeploymentList))]
[JsonSerializable(typeof(DeploymentReport))]
[JsonSerializable(typeof(FanOutBody))]
[JsonSerializable(typeof(FanOutStatus))]
[JsonSerializable(typeof(FunctionBody))]
[JsonSerializable(typeof(FunctionDescription))]
[JsonSerializable(typeof(FunctionList))]
[JsonSerializable(typeof(FunctionVersion))]
[JsonSerializable(typeof(HealthState))]
[JsonSerializable(typeof(KeyBody))]
[JsonSerializable(typeof(KeyDescription))]
[JsonSerializable(typeof(KeyList))]
[JsonSerializable(typeof(InvocationBody))]
[JsonSerializable(typeof(InvocationPage))]
[JsonSerializable(typeof(ModuleDescription))]
[JsonSerializable(typeof(PeerHello))]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(DeadChangeList))]
[JsonSerializable(typeof(PipelineBody))]
[JsonSerializable(typeof(PipelineDescription))]
[JsonSerializable(typeof(PipelineList))]
[JsonSerializable(typeof(ReplayBody))]
[JsonSerializable(typeof(ProcedureBody))]
[JsonSerializable(typeof(ProcedureList))]
[JsonSerializable(typeof(ProcedureView))]
[JsonSerializable(typeof(RegionLine))]
[JsonSerializable(typeof(RegionList))]
[JsonSerializable(typeof(SummaryLine))]
[JsonSerializable(typeof(RollbackBody))]
[JsonSerializable(typeof(StatementAnswer))]
[JsonSerializable(typeof(IReadOnlyList<StatementAnswer>))]
[JsonSerializable(typeof(StatementBody))]
[JsonSerializable(typeof(IReadOnlyList<StatementBody>))]
[JsonSerializable(typeof(TriggerBody))]
[JsonSerializable(typeof(TriggerDescription))]
[JsonSerializable(typeof(TriggerList))]
[JsonSerializable(typeof(VersionList))]
internal sealed partial class ApiJson : JsonSerializerContext
{
    /// <summary>
    /// Leaves quotes and arrows legible, which the default escapes in case somebody pastes JSON into HTML; here it is always
    /// sent as JSON.
    /// </summary>
    public static ApiJson Legible { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
