namespace HeliosEdge.Wasm.Fuzz;

/// <summary>The modules that mutation starts from.</summary>
internal static class FuzzCorpus
{
    // A module larger than this takes so long to compile that mutating it finds less.
    private const int MostBytes = 256 * 1024;

    /// <summary>Reads the folder's modules in an order that the file system has no say in, so that a seed means the same everywhere.</summary>
    public static IReadOnlyList<byte[]> Load(DirectoryInfo folder) =>
        [.. folder.EnumerateFiles("*.wasm", SearchOption.AllDirectories)
            .Where(file => file.Length is > 0 and <= MostBytes)
            .OrderBy(file => Path.GetRelativePath(folder.FullName, file.FullName), StringComparer.Ordinal)
            .Select(file => File.ReadAllBytes(file.FullName))];
}
