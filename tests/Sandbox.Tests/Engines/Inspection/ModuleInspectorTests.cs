using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Engines.Inspection;
using HeliosEdge.Sandbox.Engines.Managed;
using HeliosEdge.Sandbox.Engines.Wasmtime;
using HeliosEdge.Sandbox.Tests.Engines.Differential;
using HeliosEdge.Sandbox.Tests.Engines.Wasmtime;

namespace HeliosEdge.Sandbox.Tests.Engines.Inspection;

/// <summary>The reader of modules takes any bytes, and says of a valid module what the engines say.</summary>
public sealed class ModuleInspectorTests
{
    private const int Mutations = 20_000;

    private static IEnumerable<byte[]> Modules =>
    [
        .. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "guests"), "*.wasm").Order(StringComparer.Ordinal).Select(File.ReadAllBytes),
        .. Enumerable.Range(0, 40).Select(GeneratedModule.Make),
    ];

    [Fact]
    public void It_reads_what_the_managed_engine_reads()
    {
        var engine = new ManagedEngine();
        foreach (var wasm in Modules)
        {
            using var module = engine.Compile(wasm);
            var outline = ModuleInspector.Read(wasm);

            outline.Imports.ShouldBe(module.Imports);
            outline.Exports.ShouldBe(module.Exports);
        }
    }

    [Fact]
    public void Any_bytes_are_read_or_refused()
    {
        var originals = Modules.Where(wasm => wasm.Length < 10_000).Concat(WebAssembly3Guests.ByFeature.Values).ToArray();
        var random = new Random(23);
        var read = 0;
        for (var i = 0; i < Mutations; i++)
        {
            var wasm = originals[i % originals.Length].ToArray();
            for (var changes = random.Next(1, 4); changes > 0; changes--)
            {
                wasm[random.Next(8, wasm.Length)] = (byte)random.Next(256);
            }

            try
            {
                // Growths are looked for in bodies, which are as good as random here.
                _ = GrowthWitness.Add(wasm, ModuleInspector.Read(wasm), out _);
                read++;
            }
            catch (SandboxException e)
            {
                e.Code.ShouldBe(ErrorCodes.InvalidModule, $"mutation {i}");
                e.Offset.ShouldNotBeNull();
            }
        }

        read.ShouldBeInRange(Mutations / 20, Mutations - (Mutations / 20));
    }

    [Theory]
    [InlineData(new byte[] { 1, 5, 1, 0x60, 0, 1, 0x63, 0x70 }, "() -> (funcref)")]
    [InlineData(new byte[] { 1, 7, 1, 0x60, 1, 0x64, 0x6E, 1, 0x6C }, "((ref any)) -> (i31ref)")]
    [InlineData(new byte[] { 1, 8, 1, 0x60, 2, 0x63, 0, 0x71, 1, 0x69 }, "((ref null 0), nullref) -> (exnref)")]
    public void References_are_described_as_the_text_format_has_them(byte[] types, string expected)
    {
        byte[] section = [1, (byte)(types.Length - 2), .. types[2..]];
        byte[] wasm = [.. "\0asm\u0001\0\0\0"u8, .. section, 2, 7, 1, 1, (byte)'m', 1, (byte)'f', 0, 0];

        ModuleInspector.Read(wasm).Imports.ShouldBe([new ModuleImport("m", "f", ExternalKind.Function, expected)]);
    }
}
