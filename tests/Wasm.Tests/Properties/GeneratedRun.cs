using System.Globalization;
using System.Security.Cryptography;

namespace HeliosEdge.Wasm.Tests.Properties;

/// <summary>A call of a generated module's export.</summary>
internal sealed record GeneratedCall(GeneratedExport Export, WasmValue[] Arguments)
{
    /// <summary>Some calls of each export.</summary>
    public static IReadOnlyList<GeneratedCall> Some(GeneratedModule module, Random random, int each) =>
        [.. Enumerable.Range(0, each).SelectMany(_ => module.Exports).Select(export => new GeneratedCall(
            export,
            [.. export.Parameters.Select(kind => GeneratedValues.Of(kind, random))]))];

    public override string ToString() => $"{Export.Name}({string.Join(", ", Arguments.Select(GeneratedRun.Show))})";
}

/// <summary>What came of a call: values or a trap, and what memory and globals were afterwards.</summary>
internal sealed record GeneratedOutcome(string Result, string State);

/// <summary>Runs a generated module's calls, each in an instance of its own, and writes down all that can be seen of them.</summary>
internal static class GeneratedRun
{
    public static IReadOnlyList<GeneratedOutcome> Outcomes(GeneratedModule generated, IEnumerable<GeneratedCall> calls, CompileOptions options)
    {
        using var module = Module.Compile(generated.Bytes, options);
        return Outcomes(module, calls);
    }

    public static IReadOnlyList<GeneratedOutcome> Outcomes(Module module, IEnumerable<GeneratedCall> calls) =>
        [.. calls.Select(call => Outcome(module, call))];

    /// <summary>A number's bits in decimal, so that two engines write the same; every NaN is the same.</summary>
    public static string Show(WasmValue value) => value.Kind switch
    {
        ValueKind.F32 when float.IsNaN(value.F32) => "nan",
        ValueKind.F64 when double.IsNaN(value.F64) => "nan",
        ValueKind.I32 or ValueKind.F32 => ((uint)value.Bits).ToString(CultureInfo.InvariantCulture),
        _ => ((ulong)value.Bits).ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>As <see cref="Outcomes(Module, IEnumerable{GeneratedCall})"/>, but all in one instance, which is reset between the calls.</summary>
    public static IReadOnlyList<GeneratedOutcome> OutcomesOfOneInstance(Module module, IEnumerable<GeneratedCall> calls)
    {
        using var store = new Store { Fuel = long.MaxValue / 2 };
        var instance = new Linker().Instantiate(store, module);
        var outcomes = new List<GeneratedOutcome>();
        foreach (var call in calls)
        {
            outcomes.Add(Outcome(instance, call));
            if (!instance.TryReset())
            {
                throw new InvalidOperationException("The instance was not reset.");
            }

            instance.Start();
        }

        return outcomes;
    }

    private static GeneratedOutcome Outcome(Module module, GeneratedCall call)
    {
        using var store = new Store { Fuel = long.MaxValue / 2 };
        return Outcome(new Linker().Instantiate(store, module), call);
    }

    private static GeneratedOutcome Outcome(Instance instance, GeneratedCall call)
    {
        string result;
        try
        {
            result = string.Join(' ', instance.GetFunction(call.Export.Name)!.Invoke(call.Arguments).Select(Show));
        }
        catch (TrapException trap)
        {
            result = trap.Code.ToString();
        }

        var memory = instance.GetMemory(ModuleGenerator.Memory)!;
        var hash = Convert.ToHexStringLower(SHA256.HashData(memory.Slice(0, (int)memory.Length)));
        var globals = ModuleGenerator.Globals.Select(name => Show(instance.GetGlobal(name)!.Value));
        return new(result, $"{memory.Pages} {hash} {string.Join(' ', globals)}");
    }
}
