using System.Globalization;
using HeliosEdge.Benchmarks.Http;
using HeliosEdge.Client;
using Spectre.Console;

// Arguments: bare URL, or: SILO.dll DATA-FOLDER ROUNDS SECONDS FUNCTIONS WORKERD DATABASE, of which the last two may be empty.
if (args[0] == "bare")
{
    await BareEcho.ServeAsync(args[1]);
    return 0;
}

const int Connections = 32;
const string Region = "near";
const string Remote = "far";
const string Managed = "managed";
const string Entry = "entry";
const string Member = "member";
var (silo, data) = (args[0], args[1]);
var (rounds, seconds, functions) = (Number(args[2]), Number(args[3]), Number(args[4]));
var (workerd, database) = (args[5], args[6]);

var servers = new Stack<Server>();
try
{
    var barePort = Server.FreePort();
    var bare = await StartAsync(barePort, Environment.ProcessPath!, "bare", $"http://127.0.0.1:{barePort}");
    var secret = Path.Combine(data, "peer.key");
    await File.WriteAllTextAsync(secret, Guid.NewGuid().ToString("N") + Guid.NewGuid().ToString("N"));
    var far = await StartSiloAsync(Remote);
    var near = await StartSiloAsync(Region, "--peers", $"{Remote}={far.Address.GetLeftPart(UriPartial.Authority)}");
    var managed = await StartSiloAsync(Managed, "--engine", "managed");
    await RegisterAsync(far, Remote, 1);
    await RegisterAsync(near, Region, functions);
    await RegisterAsync(managed, Managed, 1);

    var echo = new Target("bare ASP.NET Core", new Uri(bare.Address, "echo"), "post.lua");
    var ours = new Target("a function", near.Address, "spread.lua", "1", Region);
    var many = new Target($"{functions:N0} functions", near.Address, "spread.lua", args[4], Region);
    var second = new Target("a function, managed engine", managed.Address, "spread.lua", "1", Managed);
    var forwarded = new Target("forwarded to a peer", near.Address, "spread.lua", "1", Remote);
    var targets = new List<Target> { echo, ours, second, many, forwarded };
    Target? within = null;
    if (database.Length > 0)
    {
        // The call comes to a silo of one region and runs on the silo of another.
        var entry = await StartSiloAsync(Entry, "--cluster", database, "--store", database, "--silo-port", $"{Server.FreePort()}");
        var member = await StartSiloAsync(Member, "--cluster", database, "--store", database, "--silo-port", $"{Server.FreePort()}");
        await RegisterAsync(member, Member, 1);
        targets.Add(within = new Target("forwarded within a cluster", entry.Address, "spread.lua", "1", Member));
    }

    Target? other = null;
    if (workerd.Length > 0)
    {
        var port = Server.FreePort();
        var server = await StartAsync(
            port, workerd, "serve", Path.Combine(AppContext.BaseDirectory, "workerd", "config.capnp"), $"--socket-addr=http=127.0.0.1:{port}");
        targets.Add(other = new Target("workerd", server.Address, "post.lua"));
    }

    foreach (var target in targets)
    {
        await RequireEchoAsync(target);
        await Load.RunAsync(target, Connections, Math.Max(seconds, 3));
    }

    var loads = targets.ToDictionary(target => target, _ => new List<Load>());
    for (var round = 0; round < rounds; round++)
    {
        // Every other round backwards, so that a machine that gets slower meets all alike.
        foreach (var target in round % 2 == 0 ? targets : Enumerable.Reverse(targets))
        {
            loads[target].Add(await Load.RunAsync(target, Connections, seconds));
        }
    }

    var table = new Table().AddColumns("1 KiB echo, 32 connections", "requests a second", "p50", "p99", "p99 / p50");
    foreach (var target in targets)
    {
        table.AddRow(
            target.Name,
            Text("N0", Median(loads[target].Select(load => load.RequestsPerSecond))),
            Text("0 µs", Median(loads[target].Select(load => load.P50Microseconds))),
            Text("0 µs", Median(loads[target].Select(load => load.P99Microseconds))),
            Text("0.0", Tail(target)));
    }

    AnsiConsole.Write(table);
    var ratios = new Table().AddColumns("ratio, median of the rounds", "measured", "aimed at");
    ratios.AddRow("a function / bare ASP.NET Core", Text("0.00", Ratio(ours, echo)), "at least 0.70");
    ratios.AddRow("a function, managed engine / bare ASP.NET Core", Text("0.00", Ratio(second, echo)), "at least 0.75");
    ratios.AddRow("a function / workerd", other is null ? "workerd not found" : Text("0.0", Ratio(ours, other)), "at least 6");
    ratios.AddRow("p99 / p50 of a function", Text("0.0", Tail(ours)), "below 4");
    ratios.AddRow($"{functions:N0} functions / one", Text("0.00", Ratio(many, ours)), "at least 0.90");
    ratios.AddRow("forwarded to a peer / bare ASP.NET Core", Text("0.00", Ratio(forwarded, echo)), "at least 0.35");
    ratios.AddRow("forwarded within a cluster / bare ASP.NET Core", within is null ? "PostgreSQL not found" : Text("0.00", Ratio(within, echo)), "at least 0.40");
    AnsiConsole.Write(ratios);
    return 0;

    double Ratio(Target one, Target two) => Median(loads[one].Zip(loads[two], (a, b) => a.RequestsPerSecond / b.RequestsPerSecond));

    double Tail(Target target) => Median(loads[target].Select(load => load.P99Microseconds / load.P50Microseconds));

    Task<Server> StartSiloAsync(string region, params string[] more)
    {
        var port = Server.FreePort();
        return StartAsync(
            port,
            "dotnet",
            [silo, "--urls", $"http://127.0.0.1:{port}", "--data", Path.Combine(data, region), "--regions", region, "--peer-key-file", secret, .. more]);
    }
}
finally
{
    foreach (var server in servers)
    {
        await server.DisposeAsync();
    }
}

async Task<Server> StartAsync(int port, string program, params string[] arguments)
{
    var server = await Server.StartAsync(port, program, arguments);
    servers.Push(server);
    return server;
}

static async Task RegisterAsync(Server silo, string region, int functions)
{
    using var edge = new HttpEdgeClient(silo.Address);
    var module = await edge.UploadModuleAsync(await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, "workerd", "echo.wasm")));
    await Parallel.ForAsync(0, functions, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (number, cancellation) =>
        await edge.RegisterFunctionAsync($"f{number}", new FunctionRegistration { Module = module.Hash, Regions = [region] }, cancellation));
}

// A server that answers fast and wrong must not look good.
static async Task RequireEchoAsync(Target target)
{
    using var http = new HttpClient();
    var payload = new byte[1_024];
    Random.Shared.NextBytes(payload);
    var url = target.Arguments is [_, var region] ? new Uri(target.Url, $"v1/functions/f0/invoke?region={region}") : target.Url;
    using var answer = await http.PostAsync(url, new ByteArrayContent(payload));
    var body = await answer.Content.ReadAsByteArrayAsync();
    if (!answer.IsSuccessStatusCode || !payload.AsSpan().SequenceEqual(body))
    {
        throw new InvalidOperationException($"{target.Name} answers {(int)answer.StatusCode} and something else than what it was sent.");
    }
}

static double Median(IEnumerable<double> values)
{
    var sorted = values.Order().ToArray();
    return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
}

static string Text(string format, double value) => value.ToString(format, CultureInfo.InvariantCulture);

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
