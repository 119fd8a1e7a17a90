using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Bundles;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Grains.Hosting;
using HeliosEdge.Grains.Modules;
using HeliosEdge.Grains.Placement;
using HeliosEdge.Grains.Regions;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Engines.Managed;
using HeliosEdge.Sandbox.Execution;
using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Silo.Hosting;
using HeliosEdge.Silo.Hosting.Clustering;
using HeliosEdge.Storage;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.TestingHost;

namespace HeliosEdge.Cluster.Tests;

/// <summary>A cluster of silos in this process, with the real grains, placement and announcements.</summary>
internal sealed class RegionCluster : IAsyncDisposable
{
    private readonly InProcessTestCluster _cluster;
    private readonly List<string> _regions;

    private RegionCluster(List<string> regions)
    {
        _regions = regions;
        var stores = new Stores();
        var builder = new InProcessTestClusterBuilder((short)regions.Count);
        builder.Options.ConfigureFileLogging = false;
        builder.Options.InitializeClientOnDeploy = false;
        var started = -1;
        builder.ConfigureSilo((_, silo) =>
        {
            var place = new Place(Interlocked.Increment(ref started));
            var own = regions[place.Number].Split(',');
            silo.Services
                .AddSingleton(place)
                .AddHeliosGrains(new EngineSet(new ManagedEngine()), new ServedRegions(own), new SandboxPolicy(), new GuestThreadOptions { Threads = 4 })
                .AddSingleton<IModuleStore>(stores)
                .AddSingleton<IFunctionStore>(stores)
                .AddSingleton<IBundleStore>(stores)
                .AddSingleton<ICatalogFeed, WholeStore>();

            // On a busy machine none of the silos in this process is to be voted out: it would end the process.
            silo.AddRegions(own, probeTimeout: TimeSpan.FromMinutes(1), SharedSettings.Of(new SiloOptions { Urls = [], DataFolder = "", Regions = new ServedRegions(own) }));
            silo.Services.AddHostedService<RegionWatch>();
        });
        _cluster = builder.Build();
    }

    public int Count => _cluster.Silos.Count;

    /// <summary>Starts a silo for each of the given lists of regions.</summary>
    public static async Task<RegionCluster> StartAsync(params string[] regions)
    {
        var cluster = new RegionCluster([.. regions]);
        await cluster._cluster.DeployAsync();
        await cluster.KnowEachOtherAsync();
        return cluster;
    }

    /// <summary>Starts another silo, and waits until all know each other.</summary>
    public async Task JoinAsync(string regions)
    {
        _regions.Add(regions);
        var joined = await _cluster.StartAdditionalSiloAsync();
        await Services(joined).GetRequiredService<ICatalogFeed>().CatchUpAsync();
        await KnowEachOtherAsync();
    }

    public T Get<T>(int silo)
        where T : notnull => _cluster.Silos.Select(Services).Single(services => services.GetRequiredService<Place>().Number == silo).GetRequiredService<T>();

    /// <summary>Calls a function from a silo.</summary>
    public async Task<InvocationResult> CallAsync(int silo, string region, string name, byte[] payload, CancellationToken cancellationToken = default)
    {
        var order = new InvocationOrder { Function = name, Region = region, Payload = payload };
        return (await Get<InvocationRouter>(silo).InvokeAsync(order, cancellationToken)).Result;
    }

    /// <summary>Waits until as many guests as stated run on each silo.</summary>
    public Task BusyAsync(params int[] guests) => Eventually.HoldsAsync(
        $"{string.Join(' ', guests)} guests", () => Enumerable.Range(0, Count).Select(silo => Get<GuestThreads>(silo).Busy).SequenceEqual(guests));

    /// <summary>The silos that have a region among theirs.</summary>
    public HashSet<SiloAddress> SilosOf(string region) =>
    [
        .. _cluster.Silos.Where(silo => Services(silo).GetRequiredService<ServedRegions>().Own.Contains(region)).Select(silo => silo.SiloAddress),
    ];

    public Task RegisterAsync(int silo, string name, params string[] regions) => RegisterAsync(silo, name, "echo", RequestedLimits.None, regions);

    public async Task RegisterAsync(int silo, string name, string guest, RequestedLimits limits, params string[] regions)
    {
        var bytes = await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, "guests", $"{guest}.wasm"));
        var (module, _) = await Get<ModuleRegistry>(silo).AddAsync(bytes, statedHash: null, "tests");
        await Get<FunctionRegistrar>(silo).RegisterAsync(name, new FunctionRequest(module.Hash, "helios-1", "handle", regions, limits));
    }

    /// <summary>Stops the silos of a region, and waits until the others know.</summary>
    public async Task StopAsync(string region)
    {
        var gone = SilosOf(region);
        foreach (var silo in _cluster.Silos.Where(silo => gone.Contains(silo.SiloAddress)).ToArray())
        {
            await _cluster.StopSiloAsync(silo);
        }

        await Task.WhenAll(_cluster.Silos.Select(silo => Services(silo).WhenSilosAsync(silos => !silos.Any(gone.Contains))));
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    private async Task KnowEachOtherAsync()
    {
        await Task.WhenAll(_cluster.Silos.Select(silo => Services(silo).WhenSilosAsync(silos => silos.Count == _regions.Count)));
        await Task.WhenAll(_cluster.Silos.Select(silo => Services(silo).WhenManifestsAsync(_regions.Count)));
        await Eventually.HoldsAsync(
            "all regions",
            () => _cluster.Silos.All(silo => _cluster.Silos.All(other =>
                Services(other).GetRequiredService<ServedRegions>().Own.All(region => Services(silo).GetRequiredService<ClusterRegions>().Serves(other.SiloAddress, region)))));
        var all = _regions.SelectMany(own => own.Split(',')).ToHashSet();
        await Eventually.HoldsAsync("the names of all regions", () => _cluster.Silos.All(silo => all.IsSubsetOf(Services(silo).GetRequiredService<ServedRegions>().Names)));
    }

    private static IServiceProvider Services(InProcessSiloHandle silo) => silo.SiloHost.Services;

    /// <summary>Which of the lists of regions is a silo's: silos start in any order.</summary>
    private sealed record Place(int Number);

    private sealed class WholeStore(FunctionRegistrar registrar) : ICatalogFeed
    {
        public Task CatchUpAsync(CancellationToken cancellationToken = default) => registrar.TakeUpAllAsync();
    }
}
