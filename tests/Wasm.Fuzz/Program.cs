using System.CommandLine;
using HeliosEdge.Wasm.Fuzz.Comparing;
using HeliosEdge.Wasm.Fuzz.Engines;
using HeliosEdge.Wasm.Fuzz.Mutating;
using HeliosEdge.Wasm.Fuzz.Whole;
using HeliosEdge.Wasm.Tests.Properties;

var command = new RootCommand(
    """
    Fuzzes the engine.
    dotnet run -c Release --project tests/Wasm.Fuzz -- compare --count 100000
    dotnet run -c Release --project tests/Wasm.Fuzz -- binaryen --count 1000
    dotnet run -c Release --project tests/Wasm.Fuzz -- mutate --modules samples/bin --seconds 600
    """)
{
    Compare(), Binaryen(), Mutate(), Worker(),
};
return command.Parse(args).Invoke();

static Command Compare()
{
    var seed = new Option<ulong?>("--seed") { Description = "Where the random numbers start; chosen and printed when it is left out" };
    var from = new Option<long>("--from") { Description = "The number of the first function; a seed's function of a number is always the same" };
    var count = new Option<long>("--count") { Description = "How many functions", DefaultValueFactory = _ => long.MaxValue / 2 };
    var seconds = new Option<int>("--seconds") { Description = "How long to go on at most", DefaultValueFactory = _ => int.MaxValue / 1_000 };
    var variants = Variants();
    var kinds = new Option<string>("--kinds")
    {
        Description = "What the functions are: pairs of instructions, chains of three to six, trees with statements, loops and calls; with commas between",
        DefaultValueFactory = _ => "pairs,chains,trees",
    };
    var node = Node();
    var reduce = new Option<int>("--reduce") { Description = "How many divergences are made small and saved; the others are printed", DefaultValueFactory = _ => 25 };
    var output = Output();
    Knows(kinds, ["pairs", "chains", "trees"]);
    var command = new Command("compare", "Generates functions and compares what they do on our engine, libwasmtime and V8. Ends with 1 where they differ.")
    {
        seed, from, count, seconds, variants, kinds, node, reduce, output,
    };
    command.SetAction(result => new CompareSession(new(
        result.GetValue(seed) ?? (ulong)Random.Shared.Next(),
        result.GetValue(from),
        result.GetValue(count),
        TimeSpan.FromSeconds(result.GetValue(seconds)),
        Chosen(result.GetValue(variants)!),
        [.. result.GetValue(kinds)!.Split(',').Select(kind => kind switch { "pairs" => FunctionShape.Pair, "chains" => FunctionShape.Chain, _ => FunctionShape.Tree })],
        result.GetValue(node) is "none" ? null : result.GetValue(node),
        result.GetValue(reduce),
        result.GetValue(output)!)).Run());
    return command;
}

static Command Binaryen()
{
    var seed = new Option<ulong?>("--seed") { Description = "Where the random numbers start; chosen and printed when it is left out" };
    var from = new Option<long>("--from") { Description = "The number of the first module" };
    var count = new Option<long>("--count") { Description = "How many modules", DefaultValueFactory = _ => 1_000 };
    var file = new Option<FileInfo?>("--module") { Description = "Compares this module instead, as wasm-reduce needs it" };
    var variants = Variants();
    var node = Node();
    var wasmOpt = new Option<string>("--wasm-opt") { Description = "The command that starts binaryen's wasm-opt", DefaultValueFactory = _ => "wasm-opt" };
    var output = Output();
    var command = new Command("binaryen", "Compares modules that wasm-opt -ttf makes of random bytes, whole. Ends with 1 where the engines differ.")
    {
        seed, from, count, file, variants, node, wasmOpt, output,
    };
    command.SetAction(result =>
    {
        var session = new WholeModuleSession(Chosen(result.GetValue(variants)!), result.GetValue(node) is "none" ? null : result.GetValue(node), result.GetValue(output)!);
        if (result.GetValue(file) is { } module)
        {
            return session.Run([(Path.GetFileNameWithoutExtension(module.Name), (File.ReadAllBytes(module.FullName), true))]);
        }

        var start = result.GetValue(seed) ?? (ulong)Random.Shared.Next();
        Console.WriteLine($"seed {start}, modules from {result.GetValue(from)}");
        var modules = new BinaryenModules(result.GetValue(wasmOpt)!, start);
        return session.Run(Numbers(result.GetValue(from), result.GetValue(count)).Select(number => ($"binaryen-{start}-{number}", modules.Module(number))));
    });
    return command;
}

static IEnumerable<long> Numbers(long from, long count)
{
    for (var number = from; number < from + count; number++)
    {
        yield return number;
    }
}

static Option<string> Node() =>
    new("--node") { Description = "The command that starts Node.js, or none to leave V8 out", DefaultValueFactory = _ => "node" };

static Option<DirectoryInfo> Output() =>
    new("--out") { Description = "The folder for the cases", DefaultValueFactory = _ => new DirectoryInfo("fuzz-findings") };

static EngineVariant[] Chosen(string names) => [.. names.Split(',').Select(EngineVariant.Named)];

static Option<string> Variants()
{
    string[] known = [.. EngineVariant.All.Select(variant => variant.Name)];
    var variants = new Option<string>("--variants")
    {
        Description = $"How our engine runs each function: {string.Join(", ", known)}, with commas between",
        DefaultValueFactory = _ => "plain,metered,noavx",
    };
    Knows(variants, known);
    return variants;
}

static void Knows(Option<string> option, string[] known) => option.Validators.Add(result =>
{
    foreach (var name in result.GetValue(option)!.Split(','))
    {
        if (!known.Contains(name))
        {
            result.AddError($"{option.Name} knows {string.Join(", ", known)}, not \"{name}\".");
        }
    }
});

static Command Mutate()
{
    var modules = new Option<DirectoryInfo>("--modules") { Description = "The folder whose .wasm files, at any depth, are mutated", Required = true };
    var seconds = new Option<int>("--seconds") { Description = "How long to go on", DefaultValueFactory = _ => 60 };
    var seed = new Option<int?>("--seed") { Description = "Where the random numbers start; chosen and printed when it is left out" };
    var output = new Option<DirectoryInfo>("--out")
    {
        Description = "The folder that gets current.wasm and every module that breaks the engine",
        DefaultValueFactory = _ => new DirectoryInfo("fuzz-findings"),
    };
    modules.AcceptExistingOnly();
    seconds.Validators.Add(result =>
    {
        if (result.GetValue(seconds) < 1)
        {
            result.AddError("--seconds needs at least 1.");
        }
    });
    var command = new Command("mutate", "Feeds mutated modules to our engine and saves what breaks it.") { modules, seconds, seed, output };
    command.SetAction(result =>
    {
        var corpus = FuzzCorpus.Load(result.GetValue(modules)!);
        if (corpus.Sound.Count == 0)
        {
            Console.Error.WriteLine($"There is no valid .wasm file in {result.GetValue(modules)}.");
            return 2;
        }

        return new FuzzSession(
            corpus,
            result.GetValue(seed) ?? Random.Shared.Next(),
            TimeSpan.FromSeconds(result.GetValue(seconds)),
            result.GetValue(output)!).Run();
    });
    return command;
}

static Command Worker()
{
    var progress = new Option<FileInfo>("--progress") { Required = true };
    var meter = new Option<bool>("--meter");
    var whole = new Option<bool>("--whole");
    var command = new Command("worker", "Runs what compare and binaryen ask for on standard input.") { progress, meter, whole };
    command.Hidden = true;
    command.SetAction(result => ManagedWorker.Run(result.GetValue(progress)!, result.GetValue(meter), result.GetValue(whole)));
    return command;
}
