namespace HeliosEdge.Testing;

/// <summary>Where the repository's own files are, seen from the test binary.</summary>
public static class Repository
{
    /// <summary>The folder that holds the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The built sample modules.</summary>
    public static string SampleModules => Path.Combine(Root, "samples", "bin");

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "HeliosEdge.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"HeliosEdge.sln is in no folder above {AppContext.BaseDirectory}.");
    }
}
