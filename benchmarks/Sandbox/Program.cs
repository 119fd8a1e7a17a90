using System.CommandLine;
using HeliosEdge.Benchmarks.Sandbox;

if (args is [MemoryHeld.Argument, var which])
{
    return MemoryHeld.Run(sandbox: which == "sandbox");
}

var rounds = new Option<int>("--rounds") { Description = "Rounds of each measurement.", DefaultValueFactory = _ => 101 };
rounds.Validators.Add(result =>
{
    if (result.GetValueOrDefault<int>() is < 1 or > 10_000)
    {
        result.AddError("--rounds must be from 1 to 10,000.");
    }
});
var command = new RootCommand("Measures what the sandbox costs on top of the engine; with libwasmtime behind it, too, where that is found.") { rounds };
command.SetAction(parsed => new Benchmark(parsed.GetValue(rounds)).Run());
return command.Parse(args).Invoke();
