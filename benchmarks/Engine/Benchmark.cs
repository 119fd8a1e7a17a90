using System.Globalization;
using System.Runtime.InteropServices;
using Spectre.Console;

namespace HeliosEdge.Benchmarks.Engine;

/// <summary>Runs the engines in turn and prints what they took.</summary>
internal sealed class Benchmark : IDisposable
{
    private const int ColdStarts = 3;
    private const int WarmStarts = 5;

    private readonly IEngine _ours;
    private readonly IEngine? _oursWithoutEpoch;
    private readonly IEngine _v8 = new V8Engine();
    private readonly IEngine? _wasmtime;
    private readonly IEngine[] _engines;
    private readonly IAnsiConsole _console;

    public Benchmark(bool interruptible, bool withEpochCost)
    {
        _ours = new HeliosEngine(interruptible ? "ours" : "ours, no epoch", interruptible);
        _oursWithoutEpoch = withEpochCost ? new HeliosEngine("ours, no epoch", interruptible: false) : null;
        _wasmtime = WasmtimeEngine.IsWanted ? WasmtimeEngine.Open(interruptible) : null;
        _engines = [.. new[] { _ours, _oursWithoutEpoch, _v8, _wasmtime }.OfType<IEngine>()];

        // A pipe has no width of its own; the tables must not be cut there.
        _console = AnsiConsole.Create(new AnsiConsoleSettings());
        _console.Profile.Width = Math.Max(_console.Profile.Width, 240);
        _console.WriteLine(
            $"{RuntimeInformation.FrameworkDescription}, {Environment.ProcessorCount} processors, {RuntimeInformation.ProcessArchitecture}");
    }

    /// <summary>The steady speed of every kernel; false when engines disagree about a result.</summary>
    public bool MeasureRuns(IReadOnlyList<Kernel> kernels, int rounds, bool fastest)
    {
        var times = new Dictionary<(string Kernel, IEngine Engine), List<double>>();
        var results = new Dictionary<string, string>();
        bool agreed = true;
        foreach (Kernel kernel in kernels)
        {
            foreach (IEngine engine in _engines)
            {
                engine.Load(kernel);
                times[(kernel.Name, engine)] = [];
            }
        }

        for (int round = 0; round < rounds; round++)
        {
            Console.Error.WriteLine($"round {round + 1} of {rounds}");
            foreach (Kernel kernel in kernels)
            {
                foreach (IEngine engine in InTurn(round))
                {
                    RunTime time = engine.Run(kernel, kernel.N);
                    times[(kernel.Name, engine)].Add(time.Milliseconds);
                    agreed &= Agrees(results, kernel.Name, time.Result, engine);
                }
            }
        }

        double TimeOf(Kernel kernel, IEngine engine)
        {
            List<double> measured = times[(kernel.Name, engine)];
            return fastest ? measured.Min() : Average.Median(measured);
        }

        Table table = NewTable();
        table.AddColumn(new TableColumn("kernel").NoWrap());
        foreach (IEngine engine in _engines)
        {
            AddNumberColumn(table, engine.Name);
        }

        var ratios = new List<(string Heading, IEngine Numerator, IEngine Denominator)> { ($"{_ours.Name} / V8", _ours, _v8) };
        if (_wasmtime is not null)
        {
            ratios.Add(($"{_ours.Name} / Wasmtime", _ours, _wasmtime));
        }

        if (_oursWithoutEpoch is not null)
        {
            ratios.Add(("epoch cost", _ours, _oursWithoutEpoch));
        }

        foreach ((string heading, _, _) in ratios)
        {
            AddNumberColumn(table, heading);
        }

        foreach (Kernel kernel in kernels)
        {
            table.AddRow([
                kernel.Name,
                .. _engines.Select(engine => Text(TimeOf(kernel, engine), "0.0")),
                .. ratios.Select(ratio => Text(TimeOf(kernel, ratio.Numerator) / TimeOf(kernel, ratio.Denominator), "0.00")),
            ]);
        }

        table.AddEmptyRow();
        table.AddRow([
            "geometric mean",
            .. _engines.Select(_ => string.Empty),
            .. ratios.Select(ratio => Text(
                Average.GeometricMean(kernels.Select(kernel => TimeOf(kernel, ratio.Numerator) / TimeOf(kernel, ratio.Denominator))),
                "0.000")),
        ]);
        Print($"One call of each kernel: the {(fastest ? "fastest" : "median")} of {rounds} rounds, in milliseconds", table);
        return agreed;
    }

    /// <summary>The way from bytes to a first result; false when engines disagree about that result.</summary>
    public bool MeasureStarts(IReadOnlyList<Kernel> kernels, bool withMadeUpModule)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("helios-benchmark-");
        try
        {
            List<StartCase> cases = [.. kernels.Select(kernel => new StartCase(kernel.Name, kernel.Path, "run", 1))];
            if (withMadeUpModule)
            {
                string path = Path.Combine(folder.FullName, "module.wasm");
                File.WriteAllBytes(path, SyntheticModule.Build());
                cases.Add(new StartCase("1 MiB module", path, SyntheticModule.RunExport, 1));
                cases.Add(new StartCase("1 MiB, all functions", path, SyntheticModule.RunAllExport, 1));
            }

            bool agreed = MeasureStarts(cases, "in a fresh process", ColdStarts, (engine, start) => engine.StartCold(start));
            agreed &= MeasureStarts(cases, "in a process that has done it before", WarmStarts, (engine, start) => engine.StartWarm(start));
            return agreed;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    public void Dispose()
    {
        foreach (IEngine engine in _engines)
        {
            engine.Dispose();
        }
    }

    private bool MeasureStarts(IReadOnlyList<StartCase> cases, string where, int rounds, Func<IEngine, StartCase, StartTime> measure)
    {
        var results = new Dictionary<string, string>();
        bool agreed = true;
        Table table = NewTable();
        table.AddColumn(new TableColumn("module").NoWrap());
        AddNumberColumn(table, "bytes");
        foreach (IEngine engine in _engines)
        {
            AddNumberColumn(table, $"{engine.Name}:\ncompile");
            AddNumberColumn(table, "\nfirst call");
            AddNumberColumn(table, "\nsum");
        }

        Console.Error.WriteLine($"starts {where}");
        foreach (StartCase start in cases)
        {
            var times = _engines.ToDictionary(engine => engine, _ => new List<StartTime>());
            for (int round = 0; round < rounds; round++)
            {
                foreach (IEngine engine in InTurn(round))
                {
                    StartTime time = measure(engine, start);
                    times[engine].Add(time);
                    agreed &= Agrees(results, start.Name, time.Result, engine);
                }
            }

            List<string> row = [start.Name, Text(new FileInfo(start.Path).Length, "0")];
            foreach (IEngine engine in _engines)
            {
                StartTime median = Average.MedianStart(times[engine]);
                row.AddRange([
                    Text(median.CompileMilliseconds, "0.00"),
                    Text(median.FirstCallMilliseconds, "0.00"),
                    Text(median.TotalMilliseconds, "0.00"),
                ]);
            }

            table.AddRow([.. row]);
        }

        Print($"From bytes to a first result {where}: the median of {rounds}, in milliseconds", table);
        return agreed;
    }

    /// <summary>Every other round the other way about, so that none always runs after the same one.</summary>
    private IEnumerable<IEngine> InTurn(int round) => round % 2 == 0 ? _engines : _engines.Reverse();

    private static bool Agrees(Dictionary<string, string> results, string name, string result, IEngine engine)
    {
        if (results.TryAdd(name, result) || results[name] == result)
        {
            return true;
        }

        Console.Error.WriteLine($"{name}: {engine.Name} computed {result}, but {results[name]} was computed before.");
        return false;
    }

    private static Table NewTable() => new Table().Border(TableBorder.Simple);

    private void Print(string title, Table table)
    {
        _console.WriteLine();
        _console.WriteLine(title);
        _console.Write(table);
    }

    private static void AddNumberColumn(Table table, string heading) =>
        table.AddColumn(new TableColumn(heading.EscapeMarkup()).RightAligned().NoWrap());

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
