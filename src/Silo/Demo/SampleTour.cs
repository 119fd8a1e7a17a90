using System.Text;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace HeliosEdge.Silo.Demo;

/// <summary>Deploys the samples and calls them.</summary>
internal static class SampleTour
{
    private const int MaxShown = 60;

    /// <summary>Wide enough for the table where the output is no terminal.</summary>
    private const int PlainWidth = 160;

    /// <summary>Runs the tour and prints what happened.</summary>
    /// <exception cref="Settings.SiloStartException">The samples are not beside the program, or one of them failed.</exception>
    public static async Task RunAsync(Uri address, IReadOnlyList<string> regions)
    {
        using var silo = new DemoClient(address);
        var table = new Table().Title("Every function, called once in every region, and a procedure in one").Border(TableBorder.Rounded)
            .AddColumn("function").AddColumn("region").AddColumn(new TableColumn("in").RightAligned())
            .AddColumn(new TableColumn("out").RightAligned()).AddColumn(new TableColumn("µs in the guest").RightAligned()).AddColumn("response");
        foreach (var sample in Sample.All)
        {
            await silo.PutAsync($"/v1/functions/{sample.Name}", new JsonObject { ["module"] = await silo.UploadAsync(sample.Name) });
            foreach (var region in regions)
            {
                AddRow(table, sample.Name, region, sample.Payload, await silo.CallAsync(InvokePath(sample, region), sample.Payload));
            }
        }

        var hasOrders = await OrderSample.IsPossibleAsync(silo, regions[0]);
        if (hasOrders)
        {
            await OrderSample.DeployAsync(silo, regions[0]);
            AddRow(table, OrderSample.Name, regions[0], OrderSample.Payload, await silo.CallAsync(OrderSample.CallPath(regions[0]), OrderSample.Payload));
        }

        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Width = PlainWidth;
        }

        AnsiConsole.Write(table);
        Console.WriteLine("Try them:");
        foreach (var sample in Sample.All)
        {
            Console.WriteLine($"  {sample.Command.Replace("{0}", silo.Url(InvokePath(sample, regions[^1])), StringComparison.Ordinal)}");
        }

        foreach (var command in hasOrders ? OrderSample.Commands(silo, regions[0]) : [])
        {
            Console.WriteLine($"  {command}");
        }

        Console.WriteLine($"  curl '{silo.Url("/v1/functions")}'");
        Console.WriteLine($"  curl '{silo.Url("/v1/regions")}'");
        Console.WriteLine($"  curl '{silo.Url("/openapi/v1.json")}'");
    }

    private static string InvokePath(Sample sample, string region) => $"/v1/functions/{sample.Name}/invoke?region={region}";

    private static void AddRow(Table table, string function, string region, byte[] payload, (byte[] Body, string Microseconds) answer) => table.AddRow(
        new Text(function),
        new Text(region),
        new Text($"{payload.Length} B"),
        new Text($"{answer.Body.Length} B"),
        new Text(answer.Microseconds),
        new Text(Show(answer.Body)));

    /// <summary>The beginning of a response's first line, or what can be said about one that is no text.</summary>
    private static string Show(byte[] body)
    {
        var line = body.AsSpan();
        var end = line.IndexOf((byte)'\n');
        var first = Encoding.UTF8.GetString(end < 0 ? line : line[..end]);
        if (first == "P6")
        {
            var header = Encoding.ASCII.GetString(line[..Math.Min(line.Length, 16)]).Split('\n');
            return $"a picture of {header[1].Replace(" ", " × ", StringComparison.Ordinal)} pixels";
        }

        return first.Length <= MaxShown ? first : string.Concat(first.AsSpan(0, MaxShown), "…");
    }
}
