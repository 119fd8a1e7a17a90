namespace HeliosEdge.Grains.Abstractions.Functions;

/// <summary>The key of an <see cref="IEdgeFunctionGrain"/>.</summary>
public static class FunctionKey
{
    /// <summary><c>region/name</c>; neither of them has a slash in it.</summary>
    public static string For(string region, string name) => $"{region}/{name}";

    /// <summary><c>region/name/silo</c>, for the function on that silo while it is up and serves the region; then on any other that does.</summary>
    public static string For(string region, string name, string silo) => $"{region}/{name}/{silo}";

    /// <summary>Takes a key apart.</summary>
    /// <exception cref="ArgumentException">It has no slash.</exception>
    public static (string Region, string Name) Split(string key) => Parts(key) is [var region, var name, ..]
        ? (region, name)
        : throw new ArgumentException($"\"{key}\" is no function key; it should be region/name.", nameof(key));

    /// <summary>The region in a key; also where there is nothing else in it.</summary>
    public static string RegionOf(string key) => Parts(key)[0];

    /// <summary>The silo in a key; null if there is none.</summary>
    public static string? SiloOf(string key) => Parts(key) is [_, _, var silo] ? silo : null;

    private static string[] Parts(string key) => key.Split('/', 3);
}
