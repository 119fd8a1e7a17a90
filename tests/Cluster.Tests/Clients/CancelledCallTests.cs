using System.Globalization;
using System.Net;
using HeliosEdge.Client;
using HeliosEdge.Grains.Regions;
using HeliosEdge.Sandbox.Execution;
using HeliosEdge.Settings;
using HeliosEdge.Silo.Hosting;
using HeliosEdge.Silo.Hosting.Clustering;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;

namespace HeliosEdge.Cluster.Tests.Clients;

/// <summary>What a client takes back, through a gateway, ends where it runs: on the silo of the gateway and on one behind it.</summary>
[Trait("Category", "Process")]
public sealed class CancelledCallTests : IAsyncLifetime
{
    private const string Gateway = "eu";
    private const string Behind = "us";

    private readonly TemporaryFolder _files = new();
    private readonly List<SiloHost> _silos = [];
    private OrleansEdgeClient _client = null!;

    public async Task InitializeAsync()
    {
        if (PostgresServer.WhySkipped is not null)
        {
            return;
        }

        var store = await PostgresServer.NewDatabaseAsync();
        var port = FreePorts.Take();
        await StartAsync(store, Gateway, port);
        await StartAsync(store, Behind, gatewayPort: 0);
        var gateway = _silos[0].Services;
        await gateway.WhenManifestsAsync(_silos.Count);
        await Eventually.HoldsAsync("the other's region", () => gateway.GetRequiredService<ISiloStatusOracle>().GetActiveSilos()
            .Any(silo => gateway.GetRequiredService<ClusterRegions>().Serves(silo, Behind)));
        await Eventually.HoldsAsync("its name", () => gateway.GetRequiredService<ServedRegions>().Names.Contains(Behind));

        using var operating = new HttpEdgeClient(_silos[0].Addresses[0]);
        var module = await operating.UploadModuleAsync(await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, "guests", "spin.wasm")));
        await operating.RegisterFunctionAsync("spin", new FunctionRegistration { Module = module.Hash, Regions = [Gateway, Behind], Limits = new FunctionLimits { TimeoutMs = 60_000 } });
        _client = await OrleansEdgeClient.ConnectAsync(new OrleansEdgeClientOptions { Gateways = [new IPEndPoint(IPAddress.Loopback, port)] });
    }

    public async Task DisposeAsync()
    {
        if (_client is not null)
        {
            await _client.DisposeAsync();
        }

        foreach (var silo in Enumerable.Reverse(_silos))
        {
            await silo.DisposeAsync();
        }

        _files.Dispose();
    }

    [PostgresTheory]
    [InlineData(Gateway)]
    [InlineData(Behind)]
    public async Task A_call_that_is_cancelled_leaves_no_guest_that_runs(string region)
    {
        using var cancellation = new CancellationTokenSource();
        var call = _client.InvokeAsync("spin", region, default, cancellationToken: cancellation.Token);
        await BusyAsync(region == Gateway ? [1, 0] : [0, 1]);

        await cancellation.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => call);
        await BusyAsync(0, 0);
    }

    [PostgresFact]
    public async Task A_fan_out_that_is_cancelled_leaves_no_guest_that_runs()
    {
        using var cancellation = new CancellationTokenSource();
        var answers = _client.FanOutAsync("spin", new FanOutRequest(), cancellationToken: cancellation.Token).ToListAsync(CancellationToken.None).AsTask();
        await BusyAsync(1, 1);

        await cancellation.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => answers);
        await BusyAsync(0, 0);
    }

    private async Task StartAsync(string store, string region, int gatewayPort)
    {
        var options = new SiloOptions
        {
            Urls = ["http://127.0.0.1:0"],
            DataFolder = Path.Combine(_files.Path, region),
            Regions = new ServedRegions([region]),
            Engine = EngineKind.Managed,
            Postgres = PostgresUrl.Parse(store),

            // On a busy machine none of the silos in this process is to be voted out: it would end the process.
            Cluster = new ClusterOptions { SiloPort = 0, GatewayPort = gatewayPort, ProbeTimeout = TimeSpan.FromMinutes(1) },
        };
        var quiet = new ConfigurationBuilder().AddInMemoryCollection([new("Logging:LogLevel:Default", "None")]).Build();
        _silos.Add(await SiloHost.StartAsync(options, quiet));
    }

    /// <summary>Waits until as many guests as stated run on each silo.</summary>
    private Task BusyAsync(params int[] guests) => Eventually.HoldsAsync(
        string.Create(CultureInfo.InvariantCulture, $"{string.Join(' ', guests)} guests"),
        () => _silos.Select(silo => silo.Services.GetRequiredService<GuestThreads>().Busy).SequenceEqual(guests));
}
