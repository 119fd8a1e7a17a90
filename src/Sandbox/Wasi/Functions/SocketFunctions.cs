using HeliosEdge.Sandbox.Engines;

namespace HeliosEdge.Sandbox.Wasi.Functions;

/// <summary>Sockets, of which guests have none.</summary>
internal static class SocketFunctions
{
    public static void Refuse(WasiProcess process, IGuestAccess memory, ReadOnlySpan<long> a)
    {
        _ = process.Descriptors[(uint)a[0]];
        throw new WasiException(Errno.NotSupported);
    }

    public static void SockShutdown(WasiProcess process, IGuestAccess memory, ReadOnlySpan<long> a)
    {
        _ = process.Descriptors[(uint)a[0]];
        throw new WasiException(Errno.NotSocket);
    }
}
