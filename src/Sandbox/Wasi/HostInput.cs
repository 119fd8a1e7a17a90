using HeliosEdge.Sandbox.Wasi.Files.Host;

namespace HeliosEdge.Sandbox.Wasi;

/// <summary>The standard input of this process.</summary>
public static class HostInput
{
    /// <summary>Waits until it can be read without blocking, for <see cref="WasiOptions.WaitForInput"/>.</summary>
    /// <param name="atMost">How long to wait; zero only asks.</param>
    /// <returns>Whether it can be read. On systems other than Linux, true.</returns>
    public static bool WaitReadable(TimeSpan atMost) => !OperatingSystem.IsLinux() || Libc.WaitForInput(atMost);
}
