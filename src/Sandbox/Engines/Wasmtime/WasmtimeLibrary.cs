using System.Globalization;
using System.Runtime.InteropServices;

namespace HeliosEdge.Sandbox.Engines.Wasmtime;

/// <summary>
/// Finds libwasmtime: where the environment variable <c>HELIOS_WASMTIME_LIB</c> points to, else beside the program
/// (<c>runtimes/&lt;rid&gt;/native</c>, as the Wasmtime package lays it out, and the program's folder), else on the system's library path.
/// </summary>
internal static class WasmtimeLibrary
{
    /// <summary>The environment variable with the path of the library; where it is set, nowhere else is searched.</summary>
    public const string Variable = "HELIOS_WASMTIME_LIB";

    /// <summary>The first release whose C API the engine is known to fit.</summary>
    public const int FirstSupported = 50;

    /// <summary>The last release whose C API the engine is known to fit.</summary>
    public const int LastSupported = 50;

    private static string FileName =>
        OperatingSystem.IsWindows() ? "wasmtime.dll" : OperatingSystem.IsMacOS() ? "libwasmtime.dylib" : "libwasmtime.so";

    /// <summary>Loads the library.</summary>
    /// <param name="native">The library's handle; the library is never unloaded, as its signal handlers stay.</param>
    /// <param name="where">Where it was found, or where it was searched for.</param>
    public static bool TryLoad(out nint native, out string where)
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } set)
        {
            where = Path.GetFullPath(set);
            return NativeLibrary.TryLoad(where, out native);
        }

        var candidates = new[]
        {
            Path.Combine(AppContext.BaseDirectory, "runtimes", RuntimeIdentifier(), "native", FileName),
            Path.Combine(AppContext.BaseDirectory, FileName),
        };
        foreach (var candidate in candidates)
        {
            if (File.Exists(candidate) && NativeLibrary.TryLoad(candidate, out native))
            {
                where = candidate;
                return true;
            }
        }

        where = FileName;
        if (NativeLibrary.TryLoad(FileName, out native))
        {
            return true;
        }

        where = $"{Variable} (not set), {string.Join(", ", candidates)}, and {FileName} on the system's library path";
        return false;
    }

    /// <summary>Whether a version's major number is in the supported range.</summary>
    public static bool IsSupported(string version) =>
        int.TryParse(version.Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major)
        && major is >= FirstSupported and <= LastSupported;

    private static string RuntimeIdentifier()
    {
        var system = OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux";
        return $"{system}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";
    }
}
