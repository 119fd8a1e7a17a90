using HeliosEdge.Sandbox.Engines.Managed;
using HeliosEdge.Sandbox.Tests.Engines.Wasmtime;

namespace HeliosEdge.Sandbox.Tests.Engines.Differential;

/// <summary>Both engines do the same with the same module: they accept or refuse it alike, and results, traps and memory agree.</summary>
[Trait("Category", "Slow")]
public sealed class DifferentialTests
{
    private const int MutatedModules = 500;
    private const int GeneratedModules = 400;

    private static readonly ManagedEngine Managed = new();

    [WasmtimeFact]
    public void Mutated_modules_do_the_same()
    {
        var originals = Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "guests"), "*.wasm").Order(StringComparer.Ordinal)
            .Where(path => !Path.GetFileName(path).Contains("spin", StringComparison.Ordinal) && new FileInfo(path).Length < 10_000)
            .Select(File.ReadAllBytes)
            .Concat(Enumerable.Range(0, 20).Select(GeneratedModule.Make))
            .ToArray();
        var random = new Random(11);
        var accepted = 0;
        for (var i = 0; i < MutatedModules; i++)
        {
            var original = originals[i % originals.Length];
            var wasm = original.ToArray();
            for (var changes = random.Next(1, 3); changes > 0; changes--)
            {
                wasm[random.Next(8, wasm.Length)] = random.Next(2) == 0 ? (byte)random.Next(256) : original[random.Next(original.Length)];
            }

            var seen = Compare(wasm, $"mutated module {i}: {Convert.ToBase64String(wasm)}");

            // One without a line was accepted: it lost its imports and exports.
            accepted += seen.Lines is [var first, ..] && first.StartsWith(ErrorCodes.InvalidModule, StringComparison.Ordinal) ? 0 : 1;
        }

        accepted.ShouldBeGreaterThan(MutatedModules / 10);
    }

    [WasmtimeFact]
    public void Generated_modules_do_the_same()
    {
        var results = 0;
        for (var seed = 0; seed < GeneratedModules; seed++)
        {
            var seen = Compare(GeneratedModule.Make(seed), $"generated module {seed}");
            results += seen.Lines.Count(line => line.Contains("memory of", StringComparison.Ordinal) && !line.Contains(" in ", StringComparison.Ordinal));
        }

        // A generator that only made modules that trap or are refused would prove little.
        results.ShouldBeGreaterThan(GeneratedModules);
    }

    private static Observation Compare(byte[] wasm, string what)
    {
        var expected = Observation.Of(Libwasmtime.Engine, wasm);
        var actual = Observation.Of(Managed, wasm);
        if (expected.IsComparable && actual.IsComparable)
        {
            actual.Lines.ShouldBe(expected.Lines, what);
        }

        return actual;
    }
}
