using HeliosEdge.Sandbox.Engines.Wasmtime;

namespace HeliosEdge.Sandbox.Tests.Engines.Wasmtime;

/// <summary>The libwasmtime of this machine, if there is one.</summary>
internal static class Libwasmtime
{
    private static readonly Lazy<(WasmtimeEngine? Engine, string? Reason)> Found = new(() =>
        WasmtimeEngine.TryCreate(limits: null, out var engine, out var reason) ? (engine, null) : (null, reason));

    public static bool IsFound => Found.Value.Engine is not null;

    public static WasmtimeEngine Engine => Found.Value.Engine ?? throw new InvalidOperationException(Found.Value.Reason);

    /// <summary>Why tests of it are left out, or null where they run.</summary>
    public static string? WhySkipped => IsFound ? null : $"{Found.Value.Reason}; HELIOS_WASMTIME_LIB can name a library.";
}
