using HeliosEdge.Grains.Embedded.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans;

namespace HeliosEdge.Grains.ContractTests;

/// <summary>The embedded host.</summary>
internal sealed class GrainHostUnderTest : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    private GrainHostUnderTest(ServiceProvider services)
    {
        _services = services;
    }

    /// <summary>Where calls can be made from.</summary>
    public IReadOnlyList<IGrainFactory> Callers => [_services.GetRequiredService<IGrainFactory>()];

    public static Task<GrainHostUnderTest> StartAsync(ProbeLog log, HostTimes times) => Task.FromResult(new GrainHostUnderTest(new ServiceCollection()
        .AddSingleton(log)
        .AddSingleton(typeof(ILogger<>), typeof(NullLogger<>))
        .AddEmbeddedGrains(
            options =>
            {
                options.CallTimeout = times.CallTimeout;
                options.IdleAge = times.IdleAge;
                options.SweepInterval = TimeSpan.FromMilliseconds(20);
            },
            typeof(Probe).Assembly)
        .BuildServiceProvider()));

    public Task StopAsync() => _services.GetRequiredService<IHostedService>().StopAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _services.DisposeAsync();
    }
}
