using HeliosEdge.Sandbox.Engines.Wasmtime;

namespace HeliosEdge.Sandbox.SecurityTests.Running;

/// <summary>The libwasmtime of this machine, if there is one.</summary>
internal static class Libwasmtime
{
    private static readonly Lazy<string?> Reason = new(() =>
        WasmtimeEngine.TryCreate(limits: null, out _, out var reason) ? null : $"{reason}; HELIOS_WASMTIME_LIB can name a library.");

    /// <summary>Why tests of it are left out, or null where they run.</summary>
    public static string? WhySkipped => Reason.Value;
}
