using HeliosEdge.Sandbox.Engines;

namespace HeliosEdge.Sandbox.Wasi.Functions;

/// <summary>What a guest does to itself.</summary>
internal static class ProcessFunctions
{
    /// <summary>Guests have no signal handlers, so that there is no signal to raise.</summary>
    public static void ProcRaise(WasiProcess process, IGuestAccess memory, ReadOnlySpan<long> a) => throw new WasiException(Errno.NotSupported);

    public static void SchedYield(WasiProcess process, IGuestAccess memory, ReadOnlySpan<long> a) => Thread.Yield();
}
