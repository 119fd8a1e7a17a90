using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Wasi.Memory;

namespace HeliosEdge.Sandbox.Wasi.Functions;

/// <summary>Reading clocks.</summary>
internal static class ClockFunctions
{
    public static void ClockResGet(WasiProcess process, IGuestAccess memory, ReadOnlySpan<long> a) =>
        memory.WriteU64((uint)a[1], WasiClock.Resolution((uint)a[0]));

    public static void ClockTimeGet(WasiProcess process, IGuestAccess memory, ReadOnlySpan<long> a) =>
        memory.WriteU64((uint)a[2], WasiClock.Now((uint)a[0]));
}
