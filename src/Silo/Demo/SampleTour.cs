using System.Text;
using System.Text.Json.Nodes;
using HeliosEdge.Federation;
using HeliosEdge.Settings;
using Spectre.Console;

namespace HeliosEdge.Silo.Demo;

/// <summary>Deploys the sample functions and calls them, over HTTP as anybody would.</summary>
internal static class SampleTour
{
    private const int MaxShown = 60;

    /// <summary>Wide enough for the table where the output is no terminal.</summary>
    private const int PlainWidth = 160;

    /// <summary>Runs the tour and prints what happened.</summary>
    /// <exception cref="SiloStartException">The samples are not beside the program, or one of them failed.</exception>
    public static async Task RunAsync(Uri address, IReadOnlyList<string> regions)
    {
        using var http = new HttpClient { BaseAddress = address };
        var table = new Table().Title("Every sample, called once in every region").Border(TableBorder.Rounded)
            .AddColumn("function").AddColumn("region").AddColumn(new TableColumn("in").RightAligned())
            .AddColumn(new TableColumn("out").RightAligned()).AddColumn(new TableColumn("µs in the guest").RightAligned()).AddColumn("response");
        foreach (var sample in Sample.All)
        {
            await DeployAsync(http, sample);
            foreach (var region in regions)
            {
                var (body, microseconds) = await InvokeAsync(http, sample, region);
                table.AddRow(
                    new Text(sample.Name),
                    new Text(region),
                    new Text($"{sample.Payload.Length} B"),
                    new Text($"{body.Length} B"),
                    new Text(microseconds),
                    new Text(Show(body)));
            }
        }

        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Width = PlainWidth;
        }

        AnsiConsole.Write(table);
        Console.WriteLine("Try them:");
        foreach (var sample in Sample.All)
        {
            Console.WriteLine($"  {sample.Command.Replace("{0}", new Uri(address, InvokePath(sample, regions[^1])).AbsoluteUri, StringComparison.Ordinal)}");
        }

        Console.WriteLine($"  curl '{new Uri(address, "/v1/functions")}'");
        Console.WriteLine($"  curl '{new Uri(address, "/v1/regions")}'");
        Console.WriteLine($"  curl '{new Uri(address, "/openapi/v1.json")}'");
    }

    private static string InvokePath(Sample sample, string region) => $"/v1/functions/{sample.Name}/invoke?region={region}";

    private static async Task DeployAsync(HttpClient http, Sample sample)
    {
        var file = Path.Combine(AppContext.BaseDirectory, "samples", $"{sample.Name}.wasm");
        byte[] wasm;
        try
        {
            wasm = await File.ReadAllBytesAsync(file);
        }
        catch (IOException e)
        {
            throw new SiloStartException($"The sample {file} cannot be read: {e.Message}", e);
        }

        using var upload = await http.PutAsync("/v1/modules", new ByteArrayContent(wasm));
        var module = JsonNode.Parse(await SucceedAsync(upload))!["hash"]!.GetValue<string>();
        using var registration = await http.PutAsJsonAsync($"/v1/functions/{sample.Name}", new JsonObject { ["module"] = module });
        await SucceedAsync(registration);
    }

    private static async Task<(byte[] Body, string Microseconds)> InvokeAsync(HttpClient http, Sample sample, string region)
    {
        using var response = await http.PostAsync(InvokePath(sample, region), new ByteArrayContent(sample.Payload));
        var body = await SucceedAsync(response);
        return (body, response.Headers.GetValues(HeliosHeaders.Duration).Single());
    }

    private static async Task<byte[]> SucceedAsync(HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsByteArrayAsync();
        return response.IsSuccessStatusCode
            ? body
            : throw new SiloStartException(
                $"{response.RequestMessage!.Method} {response.RequestMessage.RequestUri} failed: {Encoding.UTF8.GetString(body)}");
    }

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
