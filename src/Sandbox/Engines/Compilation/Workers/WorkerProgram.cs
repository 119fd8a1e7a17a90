using System.Runtime.InteropServices;

namespace HeliosEdge.Sandbox.Engines.Compilation.Workers;

/// <summary>Finds the program <c>HeliosEdge.CompileWorker</c>, which is beside the sandbox, and what runs it.</summary>
internal static class WorkerProgram
{
    public const string Name = "HeliosEdge.CompileWorker";

    /// <summary>The command that starts it; null where it is not there.</summary>
    public static string[]? TryFind()
    {
        var library = Path.Combine(AppContext.BaseDirectory, $"{Name}.dll");
        var own = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? $"{Name}.exe" : Name);

        // The runtime of this process is in <root>/shared/Microsoft.NETCore.App/<version>, unless it came with the program.
        var host = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));
        return File.Exists(library) && File.Exists(host) ? [host, library]
            : File.Exists(own) ? [own]
            : null;
    }
}
