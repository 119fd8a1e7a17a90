using System.Text.Json.Nodes;
using HeliosEdge.Federation;
using HeliosEdge.Silo.Hosting;
using HeliosEdge.Silo.Tests.Running;

namespace HeliosEdge.Silo.Tests.Federation;

/// <summary>Three silos with a region each, which know each other: east, west and north.</summary>
internal sealed class Silos : IAsyncDisposable
{
    public static readonly string[] Names = ["east", "west", "north"];

    private readonly int[] _ports = FreePorts.Take(3);
    private readonly TestSilo?[] _silos = new TestSilo?[3];
    private readonly TemporaryFolder[] _folders = [new(), new(), new()];
    private readonly string? _keyFile;

    private readonly int _minBytesPerSecond;

    private Silos(string? keyFile, int minBytesPerSecond)
    {
        _keyFile = keyFile;
        _minBytesPerSecond = minBytesPerSecond;
    }

    /// <summary>The engines that functions may choose at the silos that start from now on.</summary>
    public EngineKind[] AllowedEngines { get; set; } = [];

    public TestSilo East => this[0];

    public TestSilo West => this[1];

    public TestSilo North => this[2];

    public TestSilo this[int index] => _silos[index]!;

    /// <param name="keyFile">The file of the peer key; null for none.</param>
    /// <param name="minBytesPerSecond">What east asks of those who send to it; the others ask the default.</param>
    public static async Task<Silos> StartAsync(string? keyFile = null, int minBytesPerSecond = 240)
    {
        var silos = new Silos(keyFile, minBytesPerSecond);
        await Task.WhenAll(Enumerable.Range(0, 3).Select(silos.StartOneAsync));
        foreach (var silo in silos._silos)
        {
            await WaitForStatesAsync(silo!, "up");
        }

        return silos;
    }

    /// <summary>Waits until a silo sees all regions elsewhere, or one of them, in a state.</summary>
    public static Task WaitForStatesAsync(TestSilo silo, string state, string? region = null) => Eventually.HoldsAsync(
        $"{region ?? "all peers"} {state}",
        async () => (await RegionsAsync(silo)).Where(other => other["state"]!.GetValue<string>() != "local" && (region is null || other["name"]!.GetValue<string>() == region))
            .All(other => other["state"]!.GetValue<string>() == state));

    public static async Task<IReadOnlyList<JsonNode>> RegionsAsync(TestSilo silo) =>
        [.. (await Answer.JsonAsync(await silo.Http.GetAsync("/v1/regions")))["regions"]!.AsArray().Select(region => region!)];

    public async Task StartOneAsync(int index)
    {
        var federation = new FederationOptions
        {
            Peers = [.. Enumerable.Range(0, 3).Where(other => other != index).Select(other => (Names[other], new Uri($"http://127.0.0.1:{_ports[other]}")))],
            ProbeInterval = TimeSpan.FromMilliseconds(200),
        };
        _silos[index] = await TestSilo.StartAsync(
            _folders[index].Path, regions: [Names[index]], federation: federation, url: $"http://127.0.0.1:{_ports[index]}",
            configure: options => options with
            {
                AllowedEngines = [.. AllowedEngines],
                Access = options.Access with
                {
                    PeerKeyFile = _keyFile,
                    Connections = index == 0 ? options.Access.Connections with { MinBytesPerSecond = _minBytesPerSecond } : options.Access.Connections,
                },
            });
    }

    public async Task StopAsync(int index)
    {
        await _silos[index]!.DisposeAsync();
        _silos[index] = null;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var silo in _silos)
        {
            if (silo is not null)
            {
                await silo.DisposeAsync();
            }
        }

        Array.ForEach(_folders, folder => folder.Dispose());
    }
}
