using System.Text.Json.Nodes;
using HeliosEdge.Silo.Tests.Federation;
using HeliosEdge.Silo.Tests.Running;

namespace HeliosEdge.Silo.Tests.Invocations;

/// <summary>Three silos as processes, which know each other: east, west and north.</summary>
internal sealed class PeerProcesses : IAsyncDisposable
{
    private readonly int[] _ports = FreePorts.Take(3);
    private readonly SiloProcess?[] _silos = new SiloProcess?[3];
    private readonly TemporaryFolder[] _folders = [new(), new(), new()];
    private readonly HttpClient[] _clients;

    private PeerProcesses()
    {
        _clients = [.. _ports.Select(port => new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromMinutes(2) })];
    }

    public HttpClient East => _clients[0];

    public HttpClient West => _clients[1];

    public HttpClient North => _clients[2];

    /// <summary>What east and west have logged so far.</summary>
    public (string East, string West) Logs => (_silos[0]!.Output, _silos[1]!.Output);

    public static async Task<PeerProcesses> StartAsync()
    {
        var silos = new PeerProcesses();
        await Task.WhenAll(Enumerable.Range(0, 3).Select(silos.StartOneAsync));
        await silos.WaitForAsync("west", "up");
        await silos.WaitForAsync("north", "up");
        return silos;
    }

    /// <summary>Registers a guest at one silo alone.</summary>
    public static async Task DeployAsync(HttpClient silo, string name, string guest, int timeoutMs = 30_000, Action<JsonObject>? more = null)
    {
        var module = await Answer.JsonAsync(await silo.PutAsync("/v1/modules", new ByteArrayContent(TestSilo.Guest(guest))));
        var registration = new JsonObject
        {
            ["module"] = module["hash"]!.GetValue<string>(),
            ["limits"] = new JsonObject { ["timeoutMs"] = timeoutMs },
        };
        more?.Invoke(registration);
        await Answer.JsonAsync(await silo.PutAsync($"/v1/functions/{name}", Queued.Json(registration.ToJsonString())));
    }

    public async Task StartWestAsync()
    {
        await StartOneAsync(1);
        await WaitForAsync("west", "up");
    }

    public async Task KillWestAsync()
    {
        await _silos[1]!.KillAsync();
        await _silos[1]!.DisposeAsync();
        _silos[1] = null;
    }

    /// <summary>Waits until east sees a region in a state.</summary>
    public Task WaitForAsync(string region, string state) => Eventually.HoldsAsync(
        $"{region} {state}",
        async () => (await Answer.JsonAsync(await East.GetAsync("/v1/regions")))["regions"]!.AsArray()
            .Single(known => known!["name"]!.GetValue<string>() == region)!["state"]!.GetValue<string>() == state);

    public async ValueTask DisposeAsync()
    {
        foreach (var silo in _silos.OfType<SiloProcess>())
        {
            await silo.DisposeAsync();
        }

        Array.ForEach(_clients, client => client.Dispose());
        Array.ForEach(_folders, folder => folder.Dispose());
    }

    // Two guest threads: a guest that is not interrupted is noticed.
    private async Task StartOneAsync(int index)
    {
        var others = Enumerable.Range(0, 3).Where(other => other != index).Select(other => $"{Silos.Names[other]}=http://127.0.0.1:{_ports[other]}");
        _silos[index] = SiloProcess.Start(
            "--urls", $"http://127.0.0.1:{_ports[index]}", "--regions", Silos.Names[index], "--data", _folders[index].Path,
            "--peers", string.Join(',', others), "--guest-threads", "2");
        await _silos[index]!.AddressAsync();
    }
}
