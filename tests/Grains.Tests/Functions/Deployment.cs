using System.Collections.Concurrent;
using System.Collections.Immutable;
using HeliosEdge.Grains.Abstractions.Bundles;
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
using HeliosEdge.Sandbox.Invocations;
using HeliosEdge.Sandbox.Limits;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Placement;
using Orleans.Runtime;
using Orleans.Runtime.Placement;
using Orleans.TestingHost;

namespace HeliosEdge.Grains.Tests.Functions;

/// <summary>The real grains on a silo of their own, over stores in memory.</summary>
internal sealed class Deployment : IAsyncDisposable
{
    private readonly InProcessTestCluster _cluster;

    private Deployment(GuestThreadOptions guests, TimeSpan? idleAge, IGuestLog? log, EngineSet engines, CompileLimits? compiling)
    {
        var builder = new InProcessTestClusterBuilder(1);
        builder.Options.ConfigureFileLogging = false;
        builder.Options.InitializeClientOnDeploy = false;
        builder.ConfigureSilo((_, silo) =>
        {
            if (log is not null)
            {
                silo.Services.AddSingleton(new HostServiceSet { Log = log });
            }

            silo.Services

                // A module goes as soon as nobody holds it, and tests see that.
                .AddHeliosGrains(
                    engines, new ServedRegions(["eu", "us"]), new SandboxPolicy(), guests, ModuleCacheLimits.Default with { MaxIdle = 0 }, compiling: compiling)
                .AddSingleton<IModuleStore>(Modules)
                .AddSingleton<IBundleStore>(Bundles)
                .AddSingleton<IFunctionStore>(Functions)
                .AddSingleton<ICatalogBarrier, Alone>()
                .AddPlacementFilter<RegionFilter, Here>(ServiceLifetime.Transient);
            if (idleAge is { } age)
            {
                silo.Configure<GrainCollectionOptions>(options =>
                {
                    options.CollectionAge = age;
                    options.CollectionQuantum = TimeSpan.FromSeconds(1);
                });
            }
        });
        _cluster = builder.Build();
    }

    /// <summary>The shortest time after which a silo lets go of grains that nobody calls.</summary>
    public static TimeSpan ShortestIdleAge { get; } = TimeSpan.FromSeconds(1.1);

    public MemoryModules Modules { get; } = new();

    public MemoryBundles Bundles { get; } = new();

    public MemoryFunctions Functions { get; } = new();

    public IGrainFactory Grains => Services.GetRequiredService<IGrainFactory>();

    public ModuleCache Cache => Services.GetRequiredService<ModuleCache>();

    public GuestThreads Threads => Services.GetRequiredService<GuestThreads>();

    public FunctionRegistrar Registrar => Services.GetRequiredService<FunctionRegistrar>();

    public FunctionCatalog Catalog => Services.GetRequiredService<FunctionCatalog>();

    public ModuleRegistry ModuleRegistry => Services.GetRequiredService<ModuleRegistry>();

    public BundleRegistry BundleRegistry => Services.GetRequiredService<BundleRegistry>();

    private IServiceProvider Services => _cluster.Silos[0].SiloHost.Services;

    public static async Task<Deployment> StartAsync(
        GuestThreadOptions? guests = null, TimeSpan? idleAge = null, IGuestLog? log = null, EngineSet? engines = null, CompileLimits? compiling = null)
    {
        var deployment = new Deployment(guests ?? new GuestThreadOptions(), idleAge, log, engines ?? new EngineSet(new ManagedEngine()), compiling);
        await deployment._cluster.DeployAsync();
        return deployment;
    }

    public static byte[] Guest(string name) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "guests", $"{name}.wasm"));

    public async Task<string> UploadAsync(string guest) =>
        (await Services.GetRequiredService<ModuleRegistry>().AddAsync(Guest(guest), statedHash: null, "tests")).Module.Hash;

    public async Task<FunctionDescription> RegisterAsync(
        string name, string guest, string entry = "handle", string[]? regions = null, RequestedLimits? limits = null, string? profile = null) =>
        (await Registrar.RegisterAsync(
            name, new FunctionRequest(await UploadAsync(guest), "helios-1", entry, regions ?? [], limits ?? RequestedLimits.None) { Profile = profile })).Function;

    public Task<InvocationResult> InvokeAsync(string name, byte[] payload, string region = "eu", int? patienceMs = null, CancellationToken cancellation = default) =>
        Services.GetRequiredService<FunctionHosts>().InvokeAsync(region, name, new FunctionCall { Payload = payload, PatienceMs = patienceMs }, stream: null, cancellation);

    public async ValueTask DisposeAsync()
    {
        await _cluster.StopAllSilosAsync();
        await _cluster.DisposeAsync();
    }

    internal sealed class MemoryModules : IModuleStore
    {
        public ConcurrentDictionary<string, byte[]> Stored { get; } = new();

        public Task<bool> AddAsync(string hash, ReadOnlyMemory<byte> bytes) => Task.FromResult(Stored.TryAdd(hash, bytes.ToArray()));

        public Task<byte[]?> ReadAsync(string hash) => Task.FromResult(Stored.GetValueOrDefault(hash));

        public Task<IReadOnlyCollection<string>> ListAsync() => Task.FromResult<IReadOnlyCollection<string>>([.. Stored.Keys]);

        public Task<IReadOnlyCollection<string>> ForgetAsync(DateTimeOffset before) => throw new NotSupportedException("These tests forget no module.");
    }

    internal sealed class MemoryBundles : IBundleStore
    {
        public ConcurrentDictionary<string, (BundleDescription Bundle, byte[] Archive)> Stored { get; } = new();

        /// <summary>How often an archive was read.</summary>
        public int Reads { get; private set; }

        public Task<bool> AddAsync(BundleDescription bundle, ReadOnlyMemory<byte> archive) =>
            Task.FromResult(Stored.TryAdd(bundle.Hash, (bundle, archive.ToArray())));

        public Task<BundleDescription?> FindAsync(string hash) =>
            Task.FromResult(Stored.TryGetValue(hash, out var stored) ? stored.Bundle : null);

        public Task<byte[]?> ReadAsync(string hash)
        {
            Reads++;
            return Task.FromResult(Stored.TryGetValue(hash, out var stored) ? stored.Archive : null);
        }
    }

    internal sealed class MemoryFunctions : IFunctionStore
    {
        private readonly Dictionary<string, List<FunctionVersion>> _stored = [];

        /// <summary>Every version of every function.</summary>
        public IEnumerable<FunctionVersion> Versions => _stored.Values.SelectMany(versions => versions);

        public Task<IReadOnlyList<RegisteredFunction>> ReadAllAsync() =>
            Task.FromResult<IReadOnlyList<RegisteredFunction>>([.. _stored.Keys.Select(Registered)]);

        public Task<RegisteredFunction?> ReadAsync(string name) => Task.FromResult(_stored.ContainsKey(name) ? Registered(name) : null);

        public async Task<RegisteredFunction> AppendAsync(FunctionDescription definition, int kept)
        {
            if (!_stored.TryGetValue(definition.Name, out var versions))
            {
                _stored[definition.Name] = versions = [];
            }

            var number = versions.Count == 0 ? 1 : versions[^1].Version + 1;
            versions.Add(new FunctionVersion(number, DateTimeOffset.UtcNow, 0, definition with { Version = number, Traffic = null }));
            versions.RemoveAll(version => version.Version <= number - kept);
            return (await SetTrafficAsync(definition.Name, ImmutableSortedDictionary<int, int>.Empty.Add(number, 100)))!;
        }

        public Task<RegisteredFunction?> SetTrafficAsync(string name, ImmutableSortedDictionary<int, int> weights)
        {
            if (!_stored.TryGetValue(name, out var versions) || weights.Keys.Any(key => versions.All(version => version.Version != key)))
            {
                return Task.FromResult<RegisteredFunction?>(null);
            }

            _stored[name] = [.. versions.Select(version => version with { Weight = weights.GetValueOrDefault(version.Version) })];
            return Task.FromResult<RegisteredFunction?>(Registered(name));
        }

        public Task<FunctionVersion?> FindVersionAsync(string name, int version) =>
            Task.FromResult(_stored.GetValueOrDefault(name)?.SingleOrDefault(stored => stored.Version == version));

        public Task<IReadOnlyList<FunctionVersion>> ListVersionsAsync(string name, int? before, int count) =>
            Task.FromResult<IReadOnlyList<FunctionVersion>>(
                [.. _stored.GetValueOrDefault(name, []).Where(version => version.Version < (before ?? int.MaxValue)).Reverse().Take(count)]);

        public Task<bool> DeleteAsync(string name) => Task.FromResult(_stored.Remove(name));

        private RegisteredFunction Registered(string name) => new(
            _stored[name].Where(version => version.Weight > 0).Select(version => new WeightedVersion(version.Function, version.Weight)));
    }

    private sealed class Alone : ICatalogBarrier
    {
        public Task PassAsync() => Task.CompletedTask;
    }

    private sealed class Here : IPlacementFilterDirector
    {
        public IEnumerable<SiloAddress> Filter(PlacementFilterStrategy filterStrategy, PlacementTarget target, IEnumerable<SiloAddress> silos) => silos;
    }
}
