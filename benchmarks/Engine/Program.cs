using System.CommandLine;
using HeliosEdge.Benchmarks.Engine;

if (args is ["--cold", ..])
{
    // Ahead of everything else, so that a cold start pays for nothing but itself.
    return ColdProcess.Serve(args.AsSpan(1));
}

var rounds = new Option<int>("--rounds") { Description = "Timed calls of each kernel on each engine.", DefaultValueFactory = _ => 5 };
rounds.Validators.Add(result =>
{
    if (result.GetValueOrDefault<int>() < 1)
    {
        result.AddError("--rounds must be at least 1.");
    }
});
var kernel = new Option<string[]>("--kernel") { Description = "Only this kernel; may be given more than once." };
var noEpoch = new Option<bool>("--no-epoch") { Description = "Compile without epoch checks, on our engine and on Wasmtime." };
var epochCost = new Option<bool>("--epoch-cost") { Description = "Run our engine with and without epoch checks and show what they cost." };
var fastest = new Option<bool>("--fastest") { Description = "Take the fastest round of each kernel, not the median: steadier on a busy machine." };
var runOnly = new Option<bool>("--run-only") { Description = "Leave out the compile and first-call times." };
var startOnly = new Option<bool>("--start-only") { Description = "Only the compile and first-call times." };
var saveModule = new Option<string?>("--save-module") { Description = "Write the made-up 1 MiB module to this file and end." };
var command = new RootCommand("Measures the engine of this repository beside V8 (and Wasmtime, if HELIOS_WASMTIME_LIB names its library).")
{
    rounds, kernel, noEpoch, epochCost, fastest, runOnly, startOnly, saveModule,
};
command.Validators.Add(result =>
{
    if (result.GetValue(noEpoch) && result.GetValue(epochCost))
    {
        result.AddError("--no-epoch and --epoch-cost exclude each other.");
    }

    if (result.GetValue(runOnly) && result.GetValue(startOnly))
    {
        result.AddError("--run-only and --start-only exclude each other.");
    }
});
command.SetAction(parsed =>
{
    if (parsed.GetValue(saveModule) is { } file)
    {
        File.WriteAllBytes(file, SyntheticModule.Build());
        return 0;
    }

    IReadOnlyList<Kernel> kernels = Kernel.ReadAll();
    string[] wanted = parsed.GetValue(kernel) ?? [];
    foreach (string name in wanted)
    {
        if (!kernels.Any(known => known.Name == name))
        {
            Console.Error.WriteLine($"There is no kernel named '{name}'; there are: {string.Join(", ", kernels.Select(known => known.Name))}.");
            return 1;
        }
    }

    Kernel[] chosen = [.. kernels.Where(known => wanted.Length == 0 || wanted.Contains(known.Name))];
    bool interruptible = !parsed.GetValue(noEpoch);
    using var benchmark = new Benchmark(interruptible, parsed.GetValue(epochCost));
    bool agreed = true;
    if (!parsed.GetValue(startOnly))
    {
        agreed &= benchmark.MeasureRuns(chosen, parsed.GetValue(rounds), parsed.GetValue(fastest));
    }

    if (!parsed.GetValue(runOnly))
    {
        agreed &= benchmark.MeasureStarts(chosen, withMadeUpModule: wanted.Length == 0);
    }

    return agreed ? 0 : 1;
});
return command.Parse(args).Invoke();
