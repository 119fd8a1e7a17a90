using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using HeliosEdge.Silo.Tests.Access;
using HeliosEdge.Silo.Tests.Running;

namespace HeliosEdge.Silo.Tests.Federation;

[Trait("Category", "Process")]
public sealed class ProcessTests
{
    [Fact]
    public async Task Calls_go_elsewhere_while_a_silo_is_stopped_or_killed_and_come_back_with_it()
    {
        using var folders = new Folders();
        var ports = FreePorts.Take(3);
        await using var east = Start(folders, ports, 0);
        await using var north = Start(folders, ports, 2);
        var west = Start(folders, ports, 1);
        try
        {
            using var http = new HttpClient { BaseAddress = await east.AddressAsync() };
            await north.AddressAsync();
            await west.AddressAsync();
            await WaitForStateAsync(http, "west", "up");
            await WaitForStateAsync(http, "north", "up");
            await DeployAsync(http, "echo", "east", "west", "north");
            (await RanInAsync(http, "west")).ShouldBe("west");

            // A process that does not run keeps its connections, and answers nothing.
            await west.FreezeAsync();
            await WaitForStateAsync(http, "west", "down");
            (await RanInAsync(http, "west&failover=north,east")).ShouldBe("north");
            await Answer.ProblemAsync(await InvokeAsync(http, "west"), HttpStatusCode.ServiceUnavailable, "region_unavailable");
            await west.ThawAsync();
            await WaitForStateAsync(http, "west", "up");
            (await RanInAsync(http, "west&failover=north,east")).ShouldBe("west");

            await west.KillAsync();
            (await RanInAsync(http, "west&failover=north,east")).ShouldBe("north");
            await WaitForStateAsync(http, "west", "down");
            await DeployAsync(http, "late", "east", "west");

            west = Start(folders, ports, 1);
            await WaitForStateAsync(http, "west", "up");
            (await RanInAsync(http, "west")).ShouldBe("west");
            await Eventually.HoldsAsync("the deployment is there", async () => (await InvokeAsync(http, "west", "late")).IsSuccessStatusCode);
        }
        finally
        {
            await west.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_silo_that_is_killed_in_the_middle_of_a_call_has_failed_and_nothing_runs_twice()
    {
        using var folders = new Folders();
        var ports = FreePorts.Take(3);
        await using var east = Start(folders, ports, 0);
        await using var west = Start(folders, ports, 1);
        using var http = new HttpClient { BaseAddress = await east.AddressAsync() };
        await west.AddressAsync();
        await WaitForStateAsync(http, "west", "up");
        await DeployAsync(http, "spin", "west", "east");

        using var process = Process.GetProcessById(west.Id);
        var before = process.TotalProcessorTime;
        var call = InvokeAsync(http, "west&failover=east", "spin");
        await Eventually.HoldsAsync("the guest to run in west", () =>
        {
            process.Refresh();
            return process.TotalProcessorTime - before > TimeSpan.FromSeconds(1);
        });
        call.IsCompleted.ShouldBeFalse();
        await west.KillAsync();

        using var answer = await call;
        await Answer.ProblemAsync(answer, HttpStatusCode.BadGateway, "peer_failed");
        answer.Headers.GetValues("X-Helios-Region").ShouldBe(["west"]);
    }

    [PartitionFact]
    public async Task A_region_that_is_cut_off_goes_on_serving_and_is_found_again()
    {
        using var folders = new Folders();
        await using var net = new Partition();
        await net.CreateAsync();
        var port = FreePorts.Take();
        var keyFile = Path.Combine(folders[2], "peer.key");
        await File.WriteAllTextAsync(keyFile, new string('k', 40));
        var (_, key) = await KeyHolder.AddKeyAsync(folders[0], "admin");
        var (_, innerKey) = await KeyHolder.AddKeyAsync(folders[1], "admin");
        await using var east = SiloProcess.Start(
            "--urls", $"http://{net.Outside}:{port}", "--regions", "east", "--data", folders[0], "--peer-key-file", keyFile,
            "--peers", $"west=http://{net.Inside}:{port}");
        await using var west = SiloProcess.StartIn(
            net.Prefix,
            "--urls", $"http://{net.Inside}:{port};http://127.0.0.1:{port}", "--regions", "west", "--data", folders[1], "--peer-key-file", keyFile,
            "--peers", $"east=http://{net.Outside}:{port}");
        using var http = new HttpClient { BaseAddress = await east.AddressAsync() };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        await west.AddressAsync();
        await WaitForStateAsync(http, "west", "up");
        await DeployAsync(http, "echo", "east", "west");
        (await RanInAsync(http, "west")).ShouldBe("west");

        await net.CutAsync();
        await WaitForStateAsync(http, "west", "down");
        await Answer.ProblemAsync(await InvokeAsync(http, "west"), HttpStatusCode.ServiceUnavailable, "region_unavailable");
        (await RanInAsync(http, "west&failover=east")).ShouldBe("east");
        await DeployAsync(http, "late", "west");
        (await InsideAsync(net, port, innerKey, "echo")).ShouldBe("ping");

        await net.HealAsync();
        await WaitForStateAsync(http, "west", "up");
        (await RanInAsync(http, "west")).ShouldBe("west");
        await Eventually.HoldsAsync("the deployment is there", async () => (await InvokeAsync(http, "west", "late")).IsSuccessStatusCode);
    }

    /// <summary>Calls the silo inside from inside.</summary>
    private static async Task<string> InsideAsync(Partition net, int port, string key, string function)
    {
        using var curl = Process.Start(new ProcessStartInfo(
            net.Prefix[0],
            [.. net.Prefix[1..], "curl", "-sS", "-m", "20", "-H", $"Authorization: Bearer {key}", "-d", "ping", $"http://127.0.0.1:{port}/v1/functions/{function}/invoke"])
        {
            RedirectStandardOutput = true,
        })!;
        var output = await curl.StandardOutput.ReadToEndAsync();
        await curl.WaitForExitAsync();
        return output;
    }

    private static SiloProcess Start(Folders folders, int[] ports, int index) => SiloProcess.Start(
        "--urls", $"http://127.0.0.1:{ports[index]}",
        "--regions", Silos.Names[index],
        "--data", folders[index],
        "--peers", string.Join(',', Enumerable.Range(0, 3).Where(other => other != index).Select(other => $"{Silos.Names[other]}=http://127.0.0.1:{ports[other]}")));

    private static Task<HttpResponseMessage> InvokeAsync(HttpClient http, string region, string function = "echo") =>
        http.PostAsync($"/v1/functions/{function}/invoke?region={region}", new ByteArrayContent([1, 2, 3]));

    private static async Task<string> RanInAsync(HttpClient http, string region)
    {
        using var answer = await InvokeAsync(http, region);
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
        return answer.Headers.GetValues("X-Helios-Region").Single();
    }

    private static async Task DeployAsync(HttpClient http, string name, params string[] regions)
    {
        var guest = name == "spin" ? "spin" : "echo";
        var module = await Answer.JsonAsync(await http.PutAsync("/v1/modules", new ByteArrayContent(TestSilo.Guest(guest))));
        var body = new JsonObject
        {
            ["module"] = module["hash"]!.GetValue<string>(),
            ["regions"] = new JsonArray([.. regions.Select(region => (JsonNode)region)]),
            ["limits"] = new JsonObject { ["timeoutMs"] = 30_000 },
        };
        await Answer.JsonAsync(await http.PutAsync($"/v1/functions/{name}", KeyHolder.Json(body)));
    }

    private static Task WaitForStateAsync(HttpClient http, string region, string state) => Eventually.HoldsAsync(
        $"{region} {state}",
        async () => (await Answer.JsonAsync(await http.GetAsync("/v1/regions")))["regions"]!.AsArray()
            .Single(known => known!["name"]!.GetValue<string>() == region)!["state"]!.GetValue<string>() == state);

    private sealed class Folders : IDisposable
    {
        private readonly TemporaryFolder[] _folders = [new(), new(), new()];

        public string this[int index] => _folders[index].Path;

        public void Dispose() => Array.ForEach(_folders, folder => folder.Dispose());
    }
}
