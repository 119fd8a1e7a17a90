using System.Collections.Immutable;
using System.Text.Json.Serialization;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Sandbox.Limits;

namespace HeliosEdge.Storage.Catalog;

/// <summary>A version of a function as its row keeps it. The names are those of the rows that are there; they change for no API.</summary>
internal sealed record StoredFunction
{
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    [JsonPropertyName("module")]
    public required string Module { get; init; }

    [JsonPropertyName("abi")]
    public required string Abi { get; init; }

    [JsonPropertyName("entry")]
    public required string Entry { get; init; }

    [JsonPropertyName("regions")]
    public required ImmutableArray<string> Regions { get; init; }

    /// <summary>Values by <see cref="LimitKind.Name"/>; what is not there is not limited, or has the default where it must be.</summary>
    [JsonPropertyName("limits")]
    public required ImmutableSortedDictionary<string, long> Limits { get; init; }

    [JsonPropertyName("profile")]
    public string Profile { get; init; } = "minimal";

    [JsonPropertyName("capabilities")]
    public ImmutableArray<string> Capabilities { get; init; } = [];

    [JsonPropertyName("env")]
    public ImmutableSortedDictionary<string, string> Env { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    [JsonPropertyName("args")]
    public ImmutableArray<string> Args { get; init; } = [];

    [JsonPropertyName("config")]
    public ImmutableSortedDictionary<string, string> Config { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    [JsonPropertyName("allowedHosts")]
    public ImmutableArray<string> AllowedHosts { get; init; } = [];

    [JsonPropertyName("bundles")]
    public ImmutableSortedDictionary<string, string> Bundles { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>0 in rows of releases that did not have it.</summary>
    [JsonPropertyName("maxAttempts")]
    public int MaxAttempts { get; init; }

    [JsonPropertyName("version")]
    public int Version { get; init; }

    /// <summary>Not there where the function takes the default engine of the silo.</summary>
    [JsonPropertyName("engine")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Engine { get; init; }

    /// <summary>Not there where the function is no procedure.</summary>
    [JsonPropertyName("procedure")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public StoredProcedure? Procedure { get; init; }

    public static StoredFunction Of(FunctionDescription function)
    {
        var limits = function.Limits.ToResourceLimits();
        return new StoredFunction
        {
            Name = function.Name,
            Module = function.Module,
            Abi = function.Abi,
            Entry = function.Entry,
            Regions = function.Regions,
            Limits = LimitKinds.All.Where(kind => kind.Of(limits) is not null)
                .ToImmutableSortedDictionary(kind => kind.Name, kind => kind.Of(limits)!.Value, StringComparer.Ordinal),
            Profile = function.Profile,
            Capabilities = function.Capabilities,
            Env = function.Env,
            Args = function.Args,
            Config = function.Config,
            AllowedHosts = function.AllowedHosts,
            Bundles = function.Bundles,
            MaxAttempts = function.MaxAttempts,
            Version = function.Version,
            Engine = function.Engine,
            Procedure = StoredProcedure.Of(function.Procedure),
        };
    }

    public FunctionDescription ToDescription() => new()
    {
        Name = Name,
        Module = Module,
        Abi = Abi,
        Entry = Entry,
        Regions = Regions,
        Limits = LimitKinds.All.Aggregate(
            new ResourceLimits(), (limits, kind) => Limits.TryGetValue(kind.Name, out var value) ? kind.Set(limits, value) : limits).ToFunctionLimits(),
        Profile = Profile,
        Capabilities = Capabilities,
        Env = Env,
        Args = Args,
        Config = Config,
        AllowedHosts = AllowedHosts,
        Bundles = Bundles,
        MaxAttempts = MaxAttempts,
        Version = Version,
        Engine = Engine,
        Procedure = Procedure?.ToTerms(),
    };
}
