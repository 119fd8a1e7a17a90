using System.Diagnostics;
using HeliosEdge.Wasm.Fuzz.Engines;
using HeliosEdge.Wasm.Tests.Properties;

namespace HeliosEdge.Wasm.Fuzz.Comparing;

/// <summary>What a session is told.</summary>
internal sealed record CompareOptions(
    ulong Seed, long From, long Count, TimeSpan Duration, IReadOnlyList<EngineVariant> Variants, IReadOnlyCollection<FunctionShape> Shapes, string? Node, int Reductions, DirectoryInfo Folder);

/// <summary>Compares generated functions on all engines, batch by batch, with each variant of ours.</summary>
internal sealed class CompareSession(CompareOptions options)
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Dictionary<Agreement, long> _counts = [];
    private readonly Findings _findings = new(options.Folder);
    private IReadOnlyList<ChildEngine> _children = [];
    private long _done;
    private int _reductions;

    /// <summary>The process's exit code: 0, or 1 if the engines differ.</summary>
    public int Run()
    {
        Console.WriteLine($"seed {options.Seed}, functions from {options.From}, {string.Join(", ", options.Variants.Select(variant => variant.Name))}, {GeneratedInstructions.Pairs.Count} pairs of instructions, {GeneratedInstructions.RelatedPairs.Count} of them related");
        using var wasmtime = new WasmtimeEngine();
        using var node = options.Node is { } command ? ChildEngine.Node(command) : null;
        if (node is null)
        {
            Console.WriteLine("V8 is left out: Node.js was not found or not wanted.");
        }

        ChildEngine[] ours = [.. options.Variants.Select(variant => ChildEngine.Managed(variant))];
        _children = node is null ? ours : [.. ours, node];
        try
        {
            var judge = new Judge(wasmtime, node);
            var series = new FunctionSeries(options.Seed, options.Shapes);
            var reported = TimeSpan.Zero;
            for (var number = options.From; number < options.From + options.Count && _clock.Elapsed < options.Duration;)
            {
                // A batch ends where the next one's data begins.
                var next = Math.Min(options.From + options.Count, (number / FunctionSeries.Batch * FunctionSeries.Batch) + FunctionSeries.Batch);
                Batch(judge, ours, series, number, (int)(next - number));
                number = next;
                if (_clock.Elapsed - reported > TimeSpan.FromSeconds(10))
                {
                    reported = _clock.Elapsed;
                    Console.WriteLine($"{reported.TotalSeconds,5:0} s  {Totals()}");
                }
            }
        }
        finally
        {
            foreach (var engine in ours)
            {
                engine.Dispose();
            }
        }

        Console.WriteLine($"done   seed {options.Seed}, from {options.From}: {Totals()}");
        return _counts.Any(count => count.Key is not (Agreement.Agree or Agreement.NaNBits) && count.Value > 0) ? 1 : 0;
    }

    private void Batch(Judge judge, IReadOnlyList<IEngine> ours, FunctionSeries series, long number, int count)
    {
        var data = series.Data(number);
        Choices[] functions = [.. Enumerable.Range(0, count).Select(i => series.Function(number + i))];
        var verdicts = judge.Verdicts(ours, data, functions);
        _done += count;
        for (var variant = 0; variant < ours.Count; variant++)
        {
            for (var i = 0; i < count; i++)
            {
                var verdict = verdicts[variant][i];
                _counts[verdict.Agreement] = _counts.GetValueOrDefault(verdict.Agreement) + 1;
                if (verdict.IsFinding)
                {
                    Report(new Reducer(judge, ours[variant], data), options.Variants[variant], data, number + i, functions[i], verdict);
                }
            }
        }
    }

    private void Report(Reducer reducer, EngineVariant variant, ulong data, long number, Choices function, Verdict verdict)
    {
        var origin = $"compare --seed {options.Seed} --from {number} --count 1 --variants {variant.Name}";
        if (_reductions == options.Reductions)
        {
            Console.WriteLine($"DIFFER {verdict.Agreement}: {origin}");
            return;
        }

        _reductions++;
        var (choices, reduced) = reducer.Reduce(function.Made, verdict);
        var saved = _findings.Save(variant.Name, origin, data, choices, reduced);
        Console.WriteLine($"DIFFER {verdict.Agreement} after {_done} functions: {origin}: {saved ?? "of a kind that is there already"}");
    }

    private string Totals()
    {
        string Count(Agreement agreement, string words) => $"{_counts.GetValueOrDefault(agreement)} {words}";
        var processor = Environment.CpuUsage.TotalTime + TimeSpan.FromTicks(_children.Sum(child => child.ProcessorTime.Ticks));
        var runs = _done * options.Variants.Count;
        return $"{_done} functions, each {string.Join(" and ", options.Variants.Select(variant => variant.Name))}: {runs}, {runs / _clock.Elapsed.TotalSeconds:0} a second, {runs / processor.TotalSeconds:0} a second of processor time: "
            + string.Join(", ",
                Count(Agreement.Differs, "differ"), Count(Agreement.Dies, "end the process"),
                Count(Agreement.ReferencesDiffer, "differ between the others"), Count(Agreement.NaNBits, "differ in the bits of a NaN that are open"));
    }
}
