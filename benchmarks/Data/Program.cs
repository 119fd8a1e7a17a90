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
var only = new Option<string?>("--only") { Description = "Only one of the measurements." };
only.AcceptOnlyFromAmong("procedure", "trigger", "capture");
var command = new RootCommand("Measures what guests cost beside the same work without them: in transactions, for each row, and for each change.") { rounds, only };
command.SetAction((parsed, cancellationToken) => Benchmark.RunAsync(parsed.GetValue(rounds), parsed.GetValue(only), cancellationToken));
return await command.Parse(args).InvokeAsync();
