using System.Reflection;
using System.Runtime.InteropServices;

namespace HeliosEdge.Sandbox.Engines.Wasmtime;

/// <summary>Finds libwasmtime: where <see cref="Variable"/> points to, else where the package <c>Wasmtime</c> put it beside the program.</summary>
internal static class WasmtimeLibrary
{
    /// <summary>The environment variable with the path of the library; where it is set, nowhere else is searched.</summary>
    public const string Variable = "HELIOS_WASMTIME_LIB";

    /// <summary>The release that the package brings and that the tests ran with.</summary>
    public static Version Packaged { get; } = Version.Parse(
        typeof(WasmtimeLibrary).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(fact => fact.Key == "Wasmtime").Value!);

    private static string FileName =>
        OperatingSystem.IsWindows() ? "wasmtime.dll" : OperatingSystem.IsMacOS() ? "libwasmtime.dylib" : "libwasmtime.so";

    /// <summary>Where the library is to be.</summary>
    /// <param name="named">The path that <see cref="Variable"/> has, if it is set.</param>
    public static string Locate(string? named) =>
        named is { Length: > 0 } ? Path.GetFullPath(named) : Folders().Select(folder => Path.Combine(folder, FileName)).FirstOrDefault(File.Exists) ?? FileName;

    /// <summary>Loads the library; it is never unloaded, as its signal handlers stay.</summary>
    /// <param name="path">As <see cref="Locate"/> says.</param>
    /// <param name="native">The library's handle.</param>
    /// <returns>Why it is not loaded, or null.</returns>
    public static string? Load(string path, out nint native)
    {
        native = 0;
        if (!File.Exists(path))
        {
            return Path.IsPathRooted(path) ? $"{path} does not exist" : $"{path} is in none of {string.Join(", ", Folders())}";
        }

        try
        {
            native = NativeLibrary.Load(path);
            return null;
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            return $"{path} is no library that can be loaded here: {e.Message}";
        }
    }

    /// <summary>Whether a release's API is the one that is bound: that of another major version may have other structs.</summary>
    public static bool IsSupported(string version) => version.Split('.')[0] == $"{Packaged.Major}";

    // The runtime's own list, from what the program was published with.
    private static string[] Folders() =>
        AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") is string folders
            ? folders.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            : [AppContext.BaseDirectory];
}
