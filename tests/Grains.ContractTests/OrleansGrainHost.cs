using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.TestingHost;

namespace HeliosEdge.Grains.ContractTests;

/// <summary>An Orleans cluster of two silos.</summary>
internal sealed class GrainHostUnderTest : IAsyncDisposable
{
    private readonly InProcessTestCluster _cluster;

    private GrainHostUnderTest(InProcessTestCluster cluster)
    {
        _cluster = cluster;
    }

    /// <summary>Where calls can be made from: within each silo, as the platform does.</summary>
    public IReadOnlyList<IGrainFactory> Callers => [.. _cluster.Silos.Select(silo => silo.SiloHost.Services.GetRequiredService<IGrainFactory>())];

    public static async Task<GrainHostUnderTest> StartAsync(ProbeLog log, HostTimes times)
    {
        var builder = new InProcessTestClusterBuilder(2);
        builder.Options.ConfigureFileLogging = false;
        builder.Options.InitializeClientOnDeploy = false;
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddSingleton(log);
            silo.Configure<SiloMessagingOptions>(options => options.ResponseTimeout = times.CallTimeout);
            silo.Configure<GrainCollectionOptions>(options =>
            {
                options.CollectionAge = times.IdleAge;
                options.CollectionQuantum = TimeSpan.FromSeconds(1);
            });
        });
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return new GrainHostUnderTest(cluster);
    }

    public Task StopAsync() => _cluster.StopAllSilosAsync();

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();
}
