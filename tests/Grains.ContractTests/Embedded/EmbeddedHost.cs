using HeliosEdge.Grains.Embedded.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans;

namespace HeliosEdge.Grains.ContractTests.Embedded;

/// <summary>The embedded host with the probes in it.</summary>
internal sealed class EmbeddedHost : IAsyncDisposable
{
    private static readonly TimeSpan Watchdog = TimeSpan.FromSeconds(30);

    private readonly ServiceProvider _services;
    private bool _stopped;

    public EmbeddedHost(Action<EmbeddedGrainOptions>? configure = null)
    {
        _services = new ServiceCollection()
            .AddSingleton(Log)
            .AddSingleton(typeof(ILogger<>), typeof(NullLogger<>))
            .AddEmbeddedGrains(configure, typeof(Probe).Assembly)
            .BuildServiceProvider();
        Grains = _services.GetRequiredService<IGrainFactory>();
    }

    public ProbeLog Log { get; } = new();

    public IGrainFactory Grains { get; }

    public IPlainProbe Plain(string key = "a") => Grains.GetGrain<IPlainProbe>(key);

    public IReentrantProbe Reentrant(string key = "a") => Grains.GetGrain<IReentrantProbe>(key);

    public IWorkerProbe Worker(string key = "a") => Grains.GetGrain<IWorkerProbe>(key);

    /// <summary>Waits for what is bound to happen; the limit is only there so that a fault ends the test.</summary>
    public static async Task UntilAsync(Func<bool> happened, string what)
    {
        using var timeout = new CancellationTokenSource(Watchdog);
        while (!happened())
        {
            timeout.IsCancellationRequested.ShouldBeFalse($"waited {Watchdog} for: {what}");
            await Task.Delay(2);
        }
    }

    public async Task StopAsync()
    {
        _stopped = true;
        await _services.GetRequiredService<IHostedService>().StopAsync(new CancellationTokenSource(Watchdog).Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_stopped)
        {
            await StopAsync();
        }

        await _services.DisposeAsync();
    }
}
