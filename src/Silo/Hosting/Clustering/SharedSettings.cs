using System.Collections.Immutable;
using HeliosEdge.Sandbox.Engines.Managed;
using HeliosEdge.Sandbox.Engines.Wasmtime;

namespace HeliosEdge.Silo.Hosting.Clustering;

/// <summary>
/// What the silos of a cluster must have alike, as each tells the others in its metadata: names alone, no addresses. What a silo of another release does not tell is not compared.
/// </summary>
internal sealed class SharedSettings
{
    private const char Separator = ',';

    private SharedSettings(ImmutableSortedDictionary<string, string> told)
    {
        Told = told;
    }

    /// <summary>What each setting is, by its name, which has the region behind it where it is one of a region.</summary>
    public ImmutableSortedDictionary<string, string> Told { get; }

    /// <summary>Those of a silo.</summary>
    public static SharedSettings Of(SiloOptions options)
    {
        var told = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        told[$"--{Setting.SqlRegions.Name}"] = List(options.SqlRegions);
        told[$"--{Setting.Engine.Name} and --{Setting.AllowEngine.Name}"] = List(options.AllowedEngines.Append(options.Engine).Distinct().Select(NameOf));
        foreach (var region in options.Regions.Own)
        {
            told[$"--{Setting.Database.Name} for {region}"] = List(
                options.Databases.Where(database => database.Regions.IsEmpty || database.Regions.Contains(region)).Select(database => database.Name));
        }

        return new SharedSettings(told.ToImmutable());
    }

    /// <summary>Where another silo differs from this one.</summary>
    /// <param name="other">What the other one tells.</param>
    public IEnumerable<SettingDifference> DifferencesTo(IReadOnlyDictionary<string, string> other)
    {
        foreach (var (setting, here) in Told)
        {
            if (other.TryGetValue(setting, out var there) && here != there)
            {
                yield return new SettingDifference(setting, here, there);
            }
        }
    }

    private static string List(IEnumerable<string> names) =>
        string.Join(Separator, names.Order(StringComparer.Ordinal)) is { Length: > 0 } list ? list : "nothing";

    private static string NameOf(EngineKind engine) => engine == EngineKind.Managed ? ManagedEngine.EngineName : WasmtimeEngine.EngineName;
}
