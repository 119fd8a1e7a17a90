using System.Text.Json;

namespace HeliosEdge.Sandbox.Tests.Engines.Wasmtime.Suite;

/// <summary>The official core suite of WebAssembly 3.0 as data, in its usual place beside the repository.</summary>
internal static class SuiteFolder
{
    public static string Path { get; } = System.IO.Path.GetFullPath(System.IO.Path.Combine(Repository.Root, "..", "shared", "spec", "wasm-3.0"));

    public static string[] Names { get; } = Directory.Exists(Path)
        ? [.. Directory.EnumerateDirectories(Path)
            .Select(folder => System.IO.Path.GetFileName(folder)!)
            .Where(name => File.Exists(JsonOf(name)))
            .Order(StringComparer.Ordinal)]
        : [];

    /// <summary>Why tests of it are left out, or null where they run.</summary>
    public static string? WhySkipped =>
        Libwasmtime.WhySkipped ?? (Names.Length > 0 ? null : $"The WebAssembly 3.0 suite is not at {Path}.");

    public static string JsonOf(string name) => System.IO.Path.Combine(Path, name, name + ".json");

    /// <summary>A file's commands, in their order.</summary>
    public static List<JsonElement> Commands(string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(JsonOf(name)));
        return [.. document.RootElement.GetProperty("commands").EnumerateArray().Select(command => command.Clone())];
    }

    /// <summary>The binary that a command names, or null for one with text alone or without a module.</summary>
    public static byte[]? Module(string name, JsonElement command)
    {
        var file = command.TryGetProperty("module_type", out var type) && type.GetString() == "binary"
            ? command.GetProperty("filename").GetString()
            : command.TryGetProperty("binary_filename", out var binary) ? binary.GetString() : null;
        return file is null ? null : File.ReadAllBytes(System.IO.Path.Combine(Path, name, file));
    }
}
