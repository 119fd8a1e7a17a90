using HeliosEdge.Grains.Bundles;
using HeliosEdge.Grains.FanOuts;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Grains.Invocations;
using HeliosEdge.Grains.Modules;
using HeliosEdge.Grains.Placement;
using HeliosEdge.Grains.Procedures;
using HeliosEdge.Grains.Regions;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Engines.Compilation;
using HeliosEdge.Sandbox.Execution;
using HeliosEdge.Sandbox.Invocations;
using HeliosEdge.Sandbox.Limits;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace HeliosEdge.Grains.Hosting;

/// <summary>Adds what the grains need to an application.</summary>
public static class HeliosGrainServices
{
    /// <summary>
    /// Adds catalog, registrar, caches and guest threads. The application adds <see cref="IModuleStore"/>, <see cref="IBundleStore"/>,
    /// <see cref="IFunctionStore"/>, <see cref="ICatalogBarrier"/>, <see cref="IRemoteFunctions"/> and the grain host itself; it may add its own <see cref="HostServiceSet"/>, before or after this.
    /// </summary>
    /// <exception cref="Sandbox.SandboxException"><see cref="Sandbox.ErrorCodes.InvalidParameter"/>: the policy or an option is out of range.</exception>
    public static IServiceCollection AddHeliosGrains(
        this IServiceCollection services,
        EngineSet engines,
        ServedRegions regions,
        SandboxPolicy policy,
        GuestThreadOptions guests,
        ModuleCacheLimits? modules = null,
        long? guestMemoryBytes = null,
        CompileLimits? compiling = null)
    {
        policy.Validate();
        guests.Validate();
        services.TryAddSingleton<HostServiceSet>();
        services.TryAddSingleton<IRegionPeers, NoPeers>();
        services.TryAddSingleton<FunctionVersionOptions>();
        services.TryAddSingleton<IModuleSource, NoModuleSource>();
        services.TryAddSingleton<IBundleSource, NoBundleSource>();
        return services
            .AddSingleton(engines)
            .AddSingleton(regions)
            .AddSingleton(policy)
            .AddSingleton(_ => new GuestThreads(guests))
            .AddSingleton(_ => new GuestMemory(guestMemoryBytes ?? GuestMemory.DefaultMaxBytes))
            .AddSingleton(_ => new CompilePool(engines, compiling ?? new CompileLimits()))
            .AddSingleton(provider => new ModuleCache(provider.GetRequiredService<CompilePool>(), modules ?? ModuleCacheLimits.Default))
            .AddSingleton<ModuleRegistry>()
            .AddSingleton(_ => new BundleCache(BundleCache.DefaultMaxBytes))
            .AddSingleton(policy.Bundles)
            .AddSingleton<BundleRegistry>()
            .AddSingleton<FunctionCatalog>()
            .AddSingleton<FunctionHosts>()
            .AddSingleton<CatalogSqlFunctions>()
            .AddSingleton<FunctionRegistrar>()
            .AddSingleton<InvocationRouter>()
            .AddSingleton<IInvocationPlacement>(provider => provider.GetRequiredService<InvocationRouter>());
    }

    /// <summary>
    /// Adds asynchronous invocations and fan-outs, after the grain host, so that they are stopped before it. The application adds
    /// <see cref="IInvocationStore"/>, <see cref="IFanOutStore"/>, <see cref="IInvocationOwners"/> and <see cref="InvocationLifetime"/>.
    /// </summary>
    public static IServiceCollection AddHeliosInvocations(this IServiceCollection services, InvocationWorkerOptions options) => services
        .AddSingleton(options)
        .AddSingleton(new RetryPolicy(Random.Shared))
        .AddSingleton<WorkSignal>()
        .AddSingleton<AttemptRunner>()
        .AddSingleton<RunningInvocations>()
        .AddSingleton<IAttempts>(provider => provider.GetRequiredService<RunningInvocations>())
        .AddSingleton<IInvocationWatch, InvocationWatch>()
        .AddSingleton<InvocationQueue>()
        .AddSingleton<InvocationLookup>()
        .AddSingleton<KeyedInvocations>()
        .AddSingleton<FanOutPlanner>()
        .AddSingleton<FanOutRunner>()
        .AddSingleton<FanOutWatch>()
        .AddSingleton<FanOutQueue>()
        .AddSingleton<KeyedFanOuts>()
        .AddSingleton<FanOutLookup>()
        .AddSingleton<DurableFanOutRunner>()
        .AddSingleton<FanOutDriver>()
        .AddHostedService(provider => provider.GetRequiredService<FanOutDriver>())
        .AddHostedService<InvocationWorker>()
        .AddHostedService<InvocationPurge>();
}
