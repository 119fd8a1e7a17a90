using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Engines.Managed;

namespace HeliosEdge.Sandbox.Tests;

/// <summary>The modules in tests/guests.</summary>
internal static class Guests
{
    private static readonly ManagedEngine Engine = new();

    public static byte[] Bytes(string name) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "guests", $"{name}.wasm"));

    public static ICompiledModule Compile(string name) => Engine.Compile(Bytes(name));
}
