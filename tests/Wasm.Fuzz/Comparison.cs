using HeliosEdge.Wasm.Tests.Properties;

namespace HeliosEdge.Wasm.Fuzz;

/// <summary>Makes one valid module, runs it on both engines, and says where they differ.</summary>
internal sealed class Comparison(ReferenceEngine reference)
{
    private static readonly CompileOptions[] _options =
    [
        new(),
        new() { Interruptible = false },
        new() { MeterFuel = true },
        new() { Interruptible = false, MeterFuel = true },
    ];

    /// <summary>The module with the seed, so that it can be saved before it runs.</summary>
    public static GeneratedModule Module(int seed) => new ModuleGenerator(new Random(seed), vectors: seed % 2 == 0).Make();

    /// <summary>Compares the module's calls.</summary>
    /// <exception cref="EnginesDifferException">A call gave another result or left another state behind.</exception>
    public void Run(GeneratedModule module, int seed)
    {
        var calls = GeneratedCall.Some(module, new Random(~seed), each: 3);
        var options = _options[(seed & int.MaxValue) % _options.Length];
        var ours = GeneratedRun.Outcomes(module, calls, options);
        var theirs = reference.Outcomes(module, calls);
        for (var i = 0; i < calls.Count; i++)
        {
            if (!theirs[i].Results.Contains(ours[i].Result, StringComparer.Ordinal))
            {
                throw new EnginesDifferException($"{calls[i]} compiled with {Text(options)}: {ours[i].Result} instead of {string.Join(" or ", theirs[i].Results)}");
            }

            if (theirs[i].State != ours[i].State)
            {
                throw new EnginesDifferException($"{calls[i]} compiled with {Text(options)} leaves {ours[i].State} behind instead of {theirs[i].State}");
            }
        }
    }

    private static string Text(CompileOptions options) =>
        $"{(options.Interruptible ? "interruption" : "no interruption")} and {(options.MeterFuel ? "fuel" : "no fuel")}";
}

/// <summary>Two engines do not agree on a call.</summary>
internal sealed class EnginesDifferException(string message) : Exception(message);
