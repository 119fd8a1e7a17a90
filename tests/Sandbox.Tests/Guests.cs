using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Engines.Managed;

namespace HeliosEdge.Sandbox.Tests;

/// <summary>The modules in tests/guests.</summary>
internal static class Guests
{
    private static readonly ManagedEngine Managed = new();
    private static readonly AsyncLocal<IWasmEngine?> Chosen = new();

    /// <summary>The engine that runs them: the managed one, unless the test at hand chose another.</summary>
    public static IWasmEngine Engine
    {
        get => Chosen.Value ?? Managed;
        set => Chosen.Value = value;
    }

    public static byte[] Bytes(string name) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "guests", $"{name}.wasm"));

    public static ICompiledModule Compile(string name) => Engine.Compile(Bytes(name));
}
