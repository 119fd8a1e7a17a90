using System.Globalization;
using HeliosEdge.Benchmarks.Start;

if (args is ["--bare", "--urls", var url])
{
    await BareApp.ServeAsync(url);
    return;
}

var (silo, data, rounds, settings) = (args[0], args[1], int.Parse(args[2], CultureInfo.InvariantCulture), args[3..]);
var own = typeof(BareApp).Assembly.Location;
(string Name, Func<int, Task<Start>> Measure)[] kinds =
[
    ("bare ASP.NET Core app", _ => Start.MeasureAsync(own, "--bare")),
    ("silo, empty folder", round => Start.MeasureAsync(silo, ["--data", Folder(round), .. settings])),
    ("silo, second start", round => Start.MeasureAsync(silo, ["--data", Folder(round), .. settings])),
];
var starts = kinds.Select(_ => new List<Start>()).ToArray();

// The first ones read programs from the disk.
for (var round = -1; round < rounds; round++)
{
    for (var kind = 0; kind < kinds.Length; kind++)
    {
        var start = await kinds[kind].Measure(round);
        if (round >= 0)
        {
            starts[kind].Add(start);
        }
    }
}

Console.WriteLine($"Time until /readyz answers 200, {rounds} starts of each in turn");
Console.WriteLine($"{"",-24}{"best",9}{"median",9}{"processor",11}{"median by the bare app's",26}");
var bare = Median(starts[0], start => start.Elapsed);
for (var kind = 0; kind < kinds.Length; kind++)
{
    var median = Median(starts[kind], start => start.Elapsed);
    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{kinds[kind].Name,-24}{starts[kind].Min(start => start.Elapsed).TotalSeconds,7:0.00} s{median.TotalSeconds,7:0.00} s{Median(starts[kind], start => start.Processor).TotalSeconds,9:0.00} s{median / bare,26:0.0}"));
}

string Folder(int round) => Path.Combine(data, $"{round}");

static TimeSpan Median(List<Start> starts, Func<Start, TimeSpan> of) => starts.Select(of).Order().ElementAt(starts.Count / 2);
