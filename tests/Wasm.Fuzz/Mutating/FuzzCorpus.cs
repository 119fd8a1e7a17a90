namespace HeliosEdge.Wasm.Fuzz.Mutating;

/// <summary>The modules that mutation starts from, and those of them that are valid.</summary>
internal sealed record FuzzCorpus(IReadOnlyList<byte[]> Modules, IReadOnlyList<byte[]> Sound)
{
    // A module larger than this takes so long to compile that mutating it finds less.
    private const int MostBytes = 256 * 1024;

    /// <summary>Reads the folder's modules in an order that the file system has no say in, so that a seed means the same everywhere.</summary>
    public static FuzzCorpus Load(DirectoryInfo folder)
    {
        byte[][] modules =
        [
            .. folder.EnumerateFiles("*.wasm", SearchOption.AllDirectories)
                .Where(file => file.Length is > 0 and <= MostBytes)
                .OrderBy(file => Path.GetRelativePath(folder.FullName, file.FullName), StringComparer.Ordinal)
                .Select(file => File.ReadAllBytes(file.FullName)),
        ];
        return new(modules, [.. modules.Where(IsSound)]);
    }

    private static bool IsSound(byte[] module)
    {
        try
        {
            Module.Validate(module);
            return true;
        }
        catch (InvalidModuleException)
        {
            return false;
        }
    }
}
