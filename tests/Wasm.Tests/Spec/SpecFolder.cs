
namespace HeliosEdge.Wasm.Tests.Spec;

/// <summary>The folder with the official suite: one sub-folder NAME with NAME.json and its modules for each file.</summary>
internal static class SpecFolder
{
    public const string Variable = "HELIOS_SPEC_DIR";

    /// <summary>The folder that the variable names, else the suite's usual place beside the repository.</summary>
    public static string Path { get; } = Locate();

    public static bool IsStated => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 };

    public static bool Exists => Names.Length > 0;

    public static string[] Names { get; } = List();

    public static string Missing =>
        $"The WebAssembly spec suite is not at {Path}; set {Variable} to a folder with NAME/NAME.json files to run it.";

    public static string JsonOf(string name) => System.IO.Path.Combine(Path, name, name + ".json");

    private static string Locate() =>
        System.IO.Path.GetFullPath(
            Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } stated
                ? stated
                : System.IO.Path.Combine(Repository.Root, "..", "shared", "spec", "wasm-2.0"));

    private static string[] List() =>
        Directory.Exists(Path)
            ? [.. Directory.EnumerateDirectories(Path)
                .Select(folder => System.IO.Path.GetFileName(folder)!)
                .Where(name => File.Exists(JsonOf(name)))
                .Order(StringComparer.Ordinal)]
            : [];
}
