using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Bundles;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Grains.Hosting;
using HeliosEdge.Grains.Modules;
using HeliosEdge.Grains.Regions;
using HeliosEdge.Sandbox.Engines.Managed;
using HeliosEdge.Sandbox.Execution;
using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Silo.Hosting;
using HeliosEdge.Silo.Hosting.Clustering;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Runtime;
using Orleans.TestingHost;

namespace HeliosEdge.Cluster.Tests;

/// <summary>A cluster of silos in this process, with the real grains, placement and announcements.</summary>
internal sealed class RegionCluster : IAsyncDisposable
{
    private readonly InProcessTestCluster _cluster;

    private RegionCluster(InProcessTestCluster cluster)
    {
        _cluster = cluster;
    }

    public int Count => _cluster.Silos.Count;

    /// <summary>Starts a silo for each of the given lists of regions.</summary>
    public static async Task<RegionCluster> StartAsync(params string[] regions)
    {
        var stores = new Stores();
        var builder = new InProcessTestClusterBuilder((short)regions.Length);
        builder.Options.ConfigureFileLogging = false;
        builder.Options.InitializeClientOnDeploy = false;
        var started = -1;
        builder.ConfigureSilo((_, silo) =>
        {
            var own = regions[Interlocked.Increment(ref started)].Split(',');
            silo.Services
                .AddHeliosGrains(new ManagedEngine(), new ServedRegions(own), new SandboxPolicy(), new GuestThreadOptions { Threads = 2 })
                .AddSingleton<IModuleStore>(stores)
                .AddSingleton<IFunctionStore>(stores)
                .AddSingleton<IBundleStore>(stores);
            silo.AddRegions(own);
            silo.Services.AddHostedService<RegionWatch>();
        });
        var cluster = new RegionCluster(builder.Build());
        await cluster._cluster.DeployAsync();
        await UntilAsync(() => cluster._cluster.Silos.All(silo => Services(silo).GetRequiredService<ISiloStatusOracle>().GetActiveSilos().Length == regions.Length), "all silos");
        var all = regions.SelectMany(own => own.Split(',')).ToHashSet();
        await UntilAsync(() => cluster._cluster.Silos.All(silo => all.IsSubsetOf(Services(silo).GetRequiredService<ServedRegions>().Names)), "all regions");
        return cluster;
    }

    public static async Task UntilAsync(Func<bool> happened, string what)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!happened())
        {
            timeout.IsCancellationRequested.ShouldBeFalse($"waited for: {what}");
            await Task.Delay(20);
        }
    }

    public T Get<T>(int silo)
        where T : notnull => Services(_cluster.Silos[silo]).GetRequiredService<T>();

    public IEdgeFunctionGrain Function(int caller, string region, string name) =>
        Get<IGrainFactory>(caller).GetGrain<IEdgeFunctionGrain>(FunctionKey.For(region, name));

    /// <summary>The silos that have a region among theirs.</summary>
    public HashSet<SiloAddress> SilosOf(string region) =>
    [
        .. _cluster.Silos.Where(silo => Services(silo).GetRequiredService<ServedRegions>().Own.Contains(region)).Select(silo => silo.SiloAddress),
    ];

    /// <summary>Where a grain lives; null if it does not.</summary>
    public async Task<SiloAddress?> WhereAsync(IAddressable grain) =>
        await Get<IGrainFactory>(0).GetGrain<IManagementGrain>(0).GetActivationAddress(grain);

    public async Task RegisterAsync(int silo, string name, params string[] regions)
    {
        var bytes = await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, "guests", "echo.wasm"));
        var (module, _) = await Get<ModuleRegistry>(silo).AddAsync(bytes, statedHash: null);
        await Get<FunctionRegistrar>(silo).RegisterAsync(name, new FunctionRequest(module.Hash, "helios-1", "handle", regions, RequestedLimits.None));
    }

    /// <summary>Stops the silos of a region, and waits until the others know.</summary>
    public async Task StopAsync(string region)
    {
        var gone = SilosOf(region);
        foreach (var silo in _cluster.Silos.Where(silo => gone.Contains(silo.SiloAddress)).ToArray())
        {
            await _cluster.StopSiloAsync(silo);
        }

        await UntilAsync(() => _cluster.Silos.All(silo => !Services(silo).GetRequiredService<ISiloStatusOracle>().GetActiveSilos().Any(gone.Contains)), "the others to know");
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    private static IServiceProvider Services(InProcessSiloHandle silo) => silo.SiloHost.Services;
}
