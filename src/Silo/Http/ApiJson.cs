using System.Text.Json.Serialization;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Abstractions.Modules;
using HeliosEdge.Grains.Abstractions.Regions;
using HeliosEdge.Silo.Functions;
using HeliosEdge.Silo.Health;
using HeliosEdge.Silo.Problems;
using HeliosEdge.Silo.Regions;

namespace HeliosEdge.Silo.Http;

/// <summary>How the API's objects look in JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(FunctionBody))]
[JsonSerializable(typeof(FunctionDescription))]
[JsonSerializable(typeof(FunctionList))]
[JsonSerializable(typeof(HealthState))]
[JsonSerializable(typeof(ModuleDescription))]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(RegionList))]
internal sealed partial class ApiJson : JsonSerializerContext;
