using System.Collections.ObjectModel;

namespace HeliosEdge.Client;

/// <summary>A function that is registered on a silo.</summary>
/// <param name="Name">The function's name.</param>
/// <param name="Module">The hash of its module, as in <see cref="ModuleInfo.Hash"/>.</param>
/// <param name="Abi">How the silo talks to the guest, such as <c>helios-1</c>.</param>
/// <param name="Entry">The exported function that handles a payload.</param>
/// <param name="Regions">The regions that serve it.</param>
/// <param name="Limits">The limits in force for each invocation.</param>
public sealed record FunctionInfo(
    string Name,
    string Module,
    string Abi,
    string Entry,
    IReadOnlyList<string> Regions,
    FunctionLimits Limits)
{
    /// <summary>The preset that its capabilities are based on.</summary>
    public string Profile { get; init; } = "minimal";

    /// <summary>What it may do, the profile's capabilities and those that were added, sorted.</summary>
    public IReadOnlyList<string> Capabilities { get; init; } = [];

    /// <summary>Environment variables of the guest.</summary>
    public IReadOnlyDictionary<string, string> Env { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>Arguments of a command, after its own name.</summary>
    public IReadOnlyList<string> Args { get; init; } = [];

    /// <summary>What a plug-in asks its host for by name.</summary>
    public IReadOnlyDictionary<string, string> Config { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>The hosts that its requests may reach, sorted.</summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>How far each region is, in the answer to a registration that names regions of other silos; null elsewhere.</summary>
    public IReadOnlyList<RegionDeployment>? Deployments { get; init; }

    /// <summary>Bundles of read-only files: the folder where the guest sees each, and its hash.</summary>
    public IReadOnlyDictionary<string, string> Bundles { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>How often an asynchronous invocation of it is tried.</summary>
    public int MaxAttempts { get; init; } = 5;

    /// <summary>The number of this version; the first is 1.</summary>
    public int Version { get; init; }

    /// <summary>The weights of the versions that take calls, by number; null where a version is described on its own.</summary>
    public IReadOnlyDictionary<int, int>? Traffic { get; init; }

    /// <summary>The engine that runs it, such as <c>wasmtime</c>; null where the silo does not say.</summary>
    public string? Engine { get; init; }
}
