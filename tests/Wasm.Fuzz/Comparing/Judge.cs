using HeliosEdge.Wasm.Fuzz.Engines;
using HeliosEdge.Wasm.Tests.Properties;

namespace HeliosEdge.Wasm.Fuzz.Comparing;

/// <summary>
/// Runs functions on our engine, on libwasmtime and, where it is there, on V8. Where they differ, the functions run again in a canonical
/// module: if they agree there, and a NaN came up, then the difference is one that the specification allows.
/// </summary>
internal sealed class Judge(WasmtimeEngine wasmtime, ChildEngine? node)
{
    private const int FunctionBytes = ModuleGenerator.Inputs * GeneratedRecord.Bytes;

    public IReadOnlyList<Verdict> Verdicts(IEngine ours, ulong data, IReadOnlyList<Choices> functions) => Verdicts([ours], data, functions)[0];

    /// <summary>The verdicts on each of several engines of ours, for which the others run once.</summary>
    public IReadOnlyList<IReadOnlyList<Verdict>> Verdicts(IReadOnlyList<IEngine> ours, ulong data, IReadOnlyList<Choices> functions)
    {
        var plain = Outcomes(ours, new ModuleGenerator(data, functions).Make());
        Verdict[][] verdicts = [.. ours.Select(_ => Enumerable.Repeat(Verdict.Agree, functions.Count).ToArray())];
        List<int> suspects = [.. Enumerable.Range(0, functions.Count).Where(function => plain.Any(outcomes => outcomes.Differ(function) is not null))];
        if (suspects.Count > 0)
        {
            var again = new ModuleGenerator(data, [.. suspects.Select(i => Choices.Replay(functions[i].Made))], canonical: true).Make();
            var canonical = Outcomes(ours, again);
            for (var engine = 0; engine < ours.Count; engine++)
            {
                for (var i = 0; i < suspects.Count; i++)
                {
                    if (plain[engine].Differ(suspects[i]) is { } first)
                    {
                        verdicts[engine][suspects[i]] = Decide(first, plain[engine], suspects[i], canonical[engine], i);
                    }
                }
            }
        }

        return verdicts;
    }

    private static Verdict Decide(Verdict first, BatchOutcomes plain, int function, BatchOutcomes canonical, int again)
    {
        if (first.Agreement == Agreement.Dies)
        {
            return first;
        }

        if (canonical.Differ(again) is { } second)
        {
            return second with { Words = "with every NaN made canonical" };
        }

        // Any input that differs without a NaN is a fault.
        for (var input = 0; input < ModuleGenerator.Inputs; input++)
        {
            if (plain.Differ(function, input) is { } differs && GeneratedRecord.Witness(canonical.Wasmtime(again, input)) == 0)
            {
                return differs with { Words = "although no instruction gave a NaN" };
            }
        }

        return first with { Agreement = Agreement.NaNBits };
    }

    private BatchOutcomes[] Outcomes(IReadOnlyList<IEngine> ours, GeneratedModule module)
    {
        List<int> all = [.. Enumerable.Range(0, module.Functions.Count)];
        foreach (var engine in ours)
        {
            engine.Begin(module, all);
        }

        node?.Begin(module, all);
        wasmtime.Begin(module, all);
        var theirs = wasmtime.Records();
        var v8 = node?.Records();
        return [.. ours.Select(engine => Collect(engine, module, all, theirs, v8))];
    }

    private static BatchOutcomes Collect(IEngine engine, GeneratedModule module, List<int> all, byte[] theirs, byte[]? v8)
    {
        var deaths = new Dictionary<int, string>();
        var records = new byte[all.Count * FunctionBytes];
        var left = all;
        while (true)
        {
            try
            {
                var answer = engine.Records();
                for (var i = 0; i < left.Count; i++)
                {
                    answer.AsSpan(i * FunctionBytes, FunctionBytes).CopyTo(records.AsSpan(left[i] * FunctionBytes));
                }

                return new(engine.Name, records, theirs, v8, deaths);
            }
            catch (EngineDiedException died) when (died.Function >= 0)
            {
                deaths[died.Function] = died.Words;
                left = [.. left.Where(function => !deaths.ContainsKey(function))];
                engine.Begin(module, left);
            }
        }
    }

    /// <summary>What a module's functions gave on each engine.</summary>
    private sealed record BatchOutcomes(string Ours, byte[] Records, byte[] Theirs, byte[]? V8, Dictionary<int, string> Deaths)
    {
        public ReadOnlySpan<byte> Wasmtime(int function, int input) => Slice(Theirs, function, input);

        public Verdict? Differ(int function)
        {
            if (Deaths.TryGetValue(function, out var words))
            {
                return new(Agreement.Dies, 0, [("libwasmtime", Slice(Theirs, function, 0).ToArray())], words);
            }

            if (Same(Records, Theirs, function) && (V8 is null || Same(V8, Theirs, function)))
            {
                return null;
            }

            Verdict? references = null;
            for (var input = 0; input < ModuleGenerator.Inputs; input++)
            {
                if (Differ(function, input) is { } verdict)
                {
                    if (verdict.Agreement == Agreement.Differs)
                    {
                        return verdict;
                    }

                    references ??= verdict;
                }
            }

            return references;
        }

        public Verdict? Differ(int function, int input)
        {
            var ours = Slice(Records, function, input);
            var theirs = Slice(Theirs, function, input);
            var v8 = V8 is null ? default : Slice(V8, function, input);
            var agreement = !Same(ours, theirs, AsWasmtime) ? Agreement.Differs
                : V8 is not null && !Same(v8, theirs, AsV8) ? Agreement.ReferencesDiffer
                : Agreement.Agree;
            if (agreement == Agreement.Agree)
            {
                return null;
            }

            List<(string, byte[])> records = [(Ours, ours.ToArray()), ("libwasmtime", theirs.ToArray())];
            if (V8 is not null)
            {
                records.Add(("V8", v8.ToArray()));
            }

            return new(agreement, input, records, "");
        }

        private static bool Same(byte[] a, byte[] b, int function) =>
            a.AsSpan(function * FunctionBytes, FunctionBytes).SequenceEqual(b.AsSpan(function * FunctionBytes, FunctionBytes));

        private static ReadOnlySpan<byte> Slice(byte[] records, int function, int input) =>
            records.AsSpan((function * FunctionBytes) + (input * GeneratedRecord.Bytes), GeneratedRecord.Bytes);

        private static bool Same(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, Func<TrapCode, TrapCode> known) =>
            a[4..].SequenceEqual(b[4..])
            && (GeneratedRecord.Trap(a) == GeneratedRecord.Trap(b) || known((TrapCode)(GeneratedRecord.Trap(a) - 1)) == known((TrapCode)(GeneratedRecord.Trap(b) - 1)));

        // libwasmtime has one code for any place outside a table.
        private static TrapCode AsWasmtime(TrapCode trap) => trap == TrapCode.UndefinedElement ? TrapCode.TableOutOfBounds : trap;

        // V8 has one message for several traps.
        private static TrapCode AsV8(TrapCode trap) => trap switch
        {
            TrapCode.IndirectCallTypeMismatch => TrapCode.UninitializedElement,
            TrapCode.InvalidConversionToInteger => TrapCode.IntegerOverflow,
            _ => AsWasmtime(trap),
        };
    }
}
