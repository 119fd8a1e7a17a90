using System.Collections.Concurrent;
using HeliosEdge.Grains.Abstractions.Bundles;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Bundles;
using HeliosEdge.Grains.Embedded.Hosting;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Grains.Hosting;
using HeliosEdge.Grains.Modules;
using HeliosEdge.Grains.Regions;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Engines.Managed;
using HeliosEdge.Sandbox.Execution;
using HeliosEdge.Sandbox.Limits;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans;

namespace HeliosEdge.Grains.Tests.Functions;

/// <summary>The real grains on the embedded host, over stores in memory.</summary>
internal sealed class Deployment : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    public Deployment(GuestThreadOptions? guests = null, TimeSpan? idleAge = null)
    {
        _services = new ServiceCollection()
            .AddSingleton(typeof(ILogger<>), typeof(NullLogger<>))
            .AddHeliosGrains(new ManagedEngine(), new ServedRegions(["eu", "us"]), new SandboxPolicy(), guests ?? new GuestThreadOptions())

            // So that a module goes as soon as nobody holds it, and tests see that.
            .AddSingleton(services => new ModuleCache(services.GetRequiredService<IWasmEngine>(), maxIdleBytes: 0))
            .AddSingleton<IModuleStore>(Modules)
            .AddSingleton<IBundleStore>(Bundles)
            .AddSingleton<IFunctionStore>(Functions)
            .AddEmbeddedGrains(
                options =>
                {
                    options.IdleAge = idleAge ?? options.IdleAge;
                    options.SweepInterval = TimeSpan.FromMilliseconds(20);
                },
                typeof(EdgeFunctionGrain).Assembly)
            .BuildServiceProvider();
    }

    public MemoryModules Modules { get; } = new();

    public MemoryBundles Bundles { get; } = new();

    public MemoryFunctions Functions { get; } = new();

    public IGrainFactory Grains => _services.GetRequiredService<IGrainFactory>();

    public ModuleCache Cache => _services.GetRequiredService<ModuleCache>();

    public FunctionRegistrar Registrar => _services.GetRequiredService<FunctionRegistrar>();

    public BundleRegistry BundleRegistry => _services.GetRequiredService<BundleRegistry>();

    public static byte[] Guest(string name) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "guests", $"{name}.wasm"));

    public async Task<string> UploadAsync(string guest) =>
        (await _services.GetRequiredService<ModuleRegistry>().AddAsync(Guest(guest), statedHash: null)).Module.Hash;

    public async Task<FunctionDescription> RegisterAsync(
        string name, string guest, string entry = "handle", string[]? regions = null, RequestedLimits? limits = null) =>
        (await Registrar.RegisterAsync(
            name, new FunctionRequest(await UploadAsync(guest), "helios-1", entry, regions ?? [], limits ?? RequestedLimits.None))).Function;

    public Task<InvocationResult> InvokeAsync(string name, byte[] payload, string region = "eu", int? patienceMs = null, CancellationToken cancellation = default) =>
        Grains.GetGrain<IEdgeFunctionGrain>(FunctionKey.For(region, name)).InvokeAsync(new FunctionCall { Payload = payload, PatienceMs = patienceMs }, cancellation);

    public async ValueTask DisposeAsync()
    {
        await _services.GetRequiredService<IHostedService>().StopAsync(CancellationToken.None);
        await _services.DisposeAsync();
    }

    internal sealed class MemoryModules : IModuleStore
    {
        public ConcurrentDictionary<string, byte[]> Stored { get; } = new();

        public Task<bool> AddAsync(string hash, ReadOnlyMemory<byte> bytes) => Task.FromResult(Stored.TryAdd(hash, bytes.ToArray()));

        public Task<byte[]?> ReadAsync(string hash) => Task.FromResult(Stored.GetValueOrDefault(hash));
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
        public ConcurrentDictionary<string, FunctionDescription> Stored { get; } = new();

        public Task<IReadOnlyList<FunctionDescription>> ReadAllAsync() => Task.FromResult<IReadOnlyList<FunctionDescription>>([.. Stored.Values]);

        public Task<FunctionDescription?> ReadAsync(string name) => Task.FromResult(Stored.GetValueOrDefault(name));

        public Task PutAsync(FunctionDescription function)
        {
            Stored[function.Name] = function;
            return Task.CompletedTask;
        }

        public Task<bool> DeleteAsync(string name) => Task.FromResult(Stored.TryRemove(name, out _));
    }
}
