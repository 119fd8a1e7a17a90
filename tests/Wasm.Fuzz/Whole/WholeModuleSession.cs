using System.Diagnostics;
using System.Text;
using HeliosEdge.Wasm.Fuzz.Engines;

namespace HeliosEdge.Wasm.Fuzz.Whole;

/// <summary>Compares whole modules on our engine, libwasmtime and V8. Vectors cannot pass to JavaScript, so that V8 leaves out modules that have any.</summary>
internal sealed class WholeModuleSession(IReadOnlyList<EngineVariant> variants, string? node, DirectoryInfo folder)
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private int _modules;
    private int _left;
    private int _differ;

    /// <summary>The process's exit code: 0, or 1 if the engines differ.</summary>
    public int Run(IEnumerable<(string Name, (byte[] Bytes, bool HasVectors)? Module)> modules)
    {
        using var wasmtime = new WasmtimeWholeModule();
        using var v8 = node is null ? null : ChildEngine.NodeWhole(node);
        ChildEngine[] ours = [.. variants.Select(variant => ChildEngine.Managed(variant, whole: true))];
        var reported = TimeSpan.Zero;
        try
        {
            foreach (var (name, module) in modules)
            {
                _ = module is { } made ? Compare(name, made.Bytes, made.HasVectors, wasmtime, v8, ours) : _left++;
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

        Console.WriteLine($"done   {Totals()}");
        return _differ == 0 ? 0 : 1;
    }

    private string Totals() => $"{_modules} modules, each {string.Join(" and ", variants.Select(variant => variant.Name))}: {_differ} differ, {_left} left out";

    private int Compare(string name, byte[] bytes, bool hasVectors, WasmtimeWholeModule wasmtime, ChildEngine? v8, ChildEngine[] ours)
    {
        var expected = wasmtime.Run(bytes);
        if (expected.Contains($"trap {(int)TrapCode.StackExhausted + 1}", StringComparison.Ordinal))
        {
            // How deep calls may go is each engine's own.
            return _left++;
        }

        _modules++;
        List<(string Engine, string Text)> all = [("libwasmtime", expected)];
        foreach (var engine in v8 is null || hasVectors ? ours : [.. ours, v8])
        {
            try
            {
                engine.Send(EngineMessage.WholeRequest(bytes));
                all.Add((engine.Name, Encoding.UTF8.GetString(engine.Records())));
            }
            catch (EngineDiedException died)
            {
                all.Add((engine.Name, died.Words));
            }
        }

        if (all.All(one => one.Text == expected))
        {
            return 0;
        }

        _differ++;
        folder.Create();
        var path = Path.Combine(folder.FullName, $"{_differ}-{name}");
        File.WriteAllBytes(path + ".wasm", bytes);
        File.WriteAllText(path + ".md", string.Join('\n', all.Select(one => $"## {one.Engine}{(one.Text == expected ? "" : ": differs")}\n\n```\n{one.Text}\n```\n")));
        Console.WriteLine($"DIFFER {string.Join(", ", all.Where(one => one.Text != expected).Select(one => one.Engine))}: {path}.wasm");
        return 1;
    }
}
