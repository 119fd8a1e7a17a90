using System.CommandLine;
using HeliosEdge.Wasm.Fuzz;

var modules = new Option<DirectoryInfo>("--modules")
{
    Description = "The folder whose .wasm files, at any depth, are mutated",
    Required = true,
};
var seconds = new Option<int>("--seconds")
{
    Description = "How long to go on",
    DefaultValueFactory = _ => 60,
};
var seed = new Option<int?>("--seed")
{
    Description = "Where the random numbers start; chosen and printed when it is left out",
};
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
var command = new RootCommand(
    """
    Feeds mutated modules to the engine and saves what breaks it.
    Example: dotnet run -c Release --project tests/Wasm.Fuzz -- --modules samples/bin --seconds 600
    """)
{
    modules, seconds, seed, output,
};
command.SetAction(result =>
{
    var corpus = FuzzCorpus.Load(result.GetValue(modules)!);
    if (corpus.Sound.Count == 0)
    {
        Console.Error.WriteLine($"There is no valid .wasm file in {result.GetValue(modules)}.");
        return 2;
    }

    var session = new FuzzSession(
        corpus,
        result.GetValue(seed) ?? Random.Shared.Next(),
        TimeSpan.FromSeconds(result.GetValue(seconds)),
        result.GetValue(output)!);
    return session.Run();
});
return command.Parse(args).Invoke();
