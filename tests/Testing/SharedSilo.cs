using Xunit;

namespace HeliosEdge.Testing;

/// <summary>
/// A silo as its operator runs it: a process of its own, on a free loopback port, with an empty folder for its state.
/// Serves the regions eu-west, us-east and ap-south.
/// </summary>
public sealed class SharedSilo : IAsyncLifetime
{
    private readonly TemporaryFolder _state = new();
    private SiloProcess? _process;

    /// <summary>The address that the silo listens on.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>The path of a sample's module.</summary>
    public static string Sample(string name) => Path.Combine(AppContext.BaseDirectory, "samples", name + ".wasm");

    /// <summary>The path of a test guest's module.</summary>
    public static string Guest(string name) => Path.Combine(AppContext.BaseDirectory, "test-guests", name + ".wasm");

    public async Task InitializeAsync()
    {
        _process = SiloProcess.Start("--urls", "http://127.0.0.1:0", "--data", _state.Path, "--regions", "eu-west,us-east,ap-south");
        Address = await _process.AddressAsync();
    }

    public async Task DisposeAsync()
    {
        if (_process is { } process)
        {
            await process.DisposeAsync();
        }

        _state.Dispose();
    }
}
