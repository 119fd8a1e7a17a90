using System.CommandLine;
using HeliosEdge.Benchmarks.Data;

var rounds = new Option<int>("--rounds") { Description = "Rounds of each measurement.", DefaultValueFactory = _ => 3 };
rounds.Validators.Add(result =>
{
    if (result.GetValueOrDefault<int>() is < 1 or > 1_000)
    {
        result.AddError("--rounds must be from 1 to 1,000.");
    }
});
var command = new RootCommand("Measures what guests cost beside the same statements without them: in transactions, and for each row.") { rounds };
command.SetAction((parsed, cancellationToken) => Benchmark.RunAsync(parsed.GetValue(rounds), cancellationToken));
return await command.Parse(args).InvokeAsync();
