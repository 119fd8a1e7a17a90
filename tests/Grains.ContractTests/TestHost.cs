using Orleans;

namespace HeliosEdge.Grains.ContractTests;

/// <summary>A cluster of two silos with the probes in it.</summary>
internal sealed class TestHost : IAsyncDisposable
{
    private static readonly TimeSpan Watchdog = TimeSpan.FromSeconds(60);

    private readonly GrainHostUnderTest _host;

    private TestHost(GrainHostUnderTest host, ProbeLog log)
    {
        _host = host;
        Log = log;
    }

    public ProbeLog Log { get; }

    public IReadOnlyList<IGrainFactory> Callers => _host.Callers;

    public static async Task<TestHost> StartAsync(HostTimes? times = null)
    {
        var log = new ProbeLog();
        return new TestHost(await GrainHostUnderTest.StartAsync(log, times ?? HostTimes.Patient), log);
    }

    public IPlainProbe Plain(string key = "a", int caller = 0) => Callers[caller % Callers.Count].GetGrain<IPlainProbe>(key);

    public IReentrantProbe Reentrant(string key = "a", int caller = 0) => Callers[caller % Callers.Count].GetGrain<IReentrantProbe>(key);

    public IWorkerProbe Worker(string key = "a") => Callers[0].GetGrain<IWorkerProbe>(key);

    public Task StopAsync() => _host.StopAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();
}
