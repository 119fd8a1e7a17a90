namespace HeliosEdge.Grains.Abstractions.Functions;

/// <summary>The key of an <see cref="IEdgeFunctionGrain"/>.</summary>
public static class FunctionKey
{
    /// <summary><c>region/name</c>; neither of them has a slash in it.</summary>
    public static string For(string region, string name) => $"{region}/{name}";

    /// <summary>Takes a key apart.</summary>
    /// <exception cref="ArgumentException">It has no slash.</exception>
    public static (string Region, string Name) Split(string key)
    {
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        return slash < 0
            ? throw new ArgumentException($"\"{key}\" is no function key; it should be region/name.", nameof(key))
            : (key[..slash], key[(slash + 1)..]);
    }
}
