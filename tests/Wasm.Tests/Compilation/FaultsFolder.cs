
namespace HeliosEdge.Wasm.Tests.Compilation;

/// <summary>The folder with small modules that once ran wrongly, beside the repository.</summary>
internal static class FaultsFolder
{
    public static string Path { get; } = System.IO.Path.GetFullPath(System.IO.Path.Combine(Repository.Root, "..", "shared", "faults"));

    public static string Module(string name) => System.IO.Path.Combine(Path, name + ".wasm");
}

/// <summary>A theory that needs the folder; skipped with its place in the message where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FaultsTheoryAttribute : TheoryAttribute
{
    public FaultsTheoryAttribute()
    {
        if (!Directory.Exists(FaultsFolder.Path))
        {
            Skip = $"There is no folder {FaultsFolder.Path} with modules that once ran wrongly.";
        }
    }
}
