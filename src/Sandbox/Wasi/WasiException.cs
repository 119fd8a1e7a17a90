namespace HeliosEdge.Sandbox.Wasi;

/// <summary>Ends a WASI call with an error number; never leaves the call.</summary>
internal sealed class WasiException(Errno errno) : Exception($"WASI error {errno}")
{
    public Errno Errno { get; } = errno;
}
