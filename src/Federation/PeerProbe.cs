using System.Collections.Immutable;
using System.Diagnostics;
using System.Net;
using System.Text.Json;
using HeliosEdge.Sandbox;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace HeliosEdge.Federation;

/// <summary>Looks at each peer again and again: whether it answers, how long that takes, and what it serves.</summary>
internal sealed partial class PeerProbe(HttpRegionPeers peers, FederationOptions options, ILogger<PeerProbe> log) : BackgroundService
{
    /// <summary>Answers that may fail to come in time before a peer counts as down; one may be lost to a moment's load.</summary>
    private const int PatientFailures = 2;

    private const int MaxHelloBytes = 1 << 20;

    /// <summary>Called when a peer can be reached that could not be before.</summary>
    public event Action<PeerSilo>? CameUp;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(peers.Silos.Select(silo => WatchAsync(silo, stoppingToken)));

    private async Task WatchAsync(PeerSilo silo, CancellationToken stopping)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var late = 0;
        while (!stopping.IsCancellationRequested)
        {
            late = await LookAsync(silo, late, stopping);
            try
            {
                // At different times, so that silos that started together do not ask together for ever.
                await Task.Delay(options.ProbeInterval * (0.8 + (0.4 * Random.Shared.NextDouble())), stopping);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task<int> LookAsync(PeerSilo silo, int late, CancellationToken stopping)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        timeout.CancelAfter(options.ProbeTimeout);
        try
        {
            using var request = silo.Request(HttpMethod.Get, "v1/peer/hello");
            var started = Stopwatch.GetTimestamp();
            using var response = await silo.ProbeAsync(request, timeout.Token);
            var bytes = await PeerAnswer.BytesAsync(response, silo, MaxHelloBytes, timeout.Token);
            var took = Stopwatch.GetElapsedTime(started);
            if (!response.IsSuccessStatusCode)
            {
                var fault = response.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized ? PeerSilo.Refusal : $"it answered {(int)response.StatusCode}";
                await FailAsync(silo, fault);
                return 0;
            }

            var hello = JsonSerializer.Deserialize(bytes, PeerJson.Default.PeerHello);
            var served = hello?.Regions ?? ImmutableDictionary<string, int>.Empty;
            if (await silo.AnsweredAsync(took, served))
            {
                LogUp(log, silo.Address, string.Join(", ", silo.Regions));
                foreach (var missing in silo.Regions.Where(region => !served.ContainsKey(region)))
                {
                    LogNotServed(log, silo.Address, missing);
                }

                CameUp?.Invoke(silo);
            }

            peers.Sort();
            return 0;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return 0;
        }
        catch (OperationCanceledException)
        {
            if (late + 1 >= PatientFailures)
            {
                await FailAsync(silo, $"it does not answer within {options.ProbeTimeout.TotalSeconds:0.###} s");
            }

            return late + 1;
        }
        catch (Exception e) when (e is HttpRequestException or SandboxException or JsonException)
        {
            await FailAsync(silo, e.GetBaseException().Message.TrimEnd('.'));
            return 0;
        }
    }

    private async Task FailAsync(PeerSilo silo, string problem)
    {
        if (await silo.FailedAsync(problem))
        {
            LogDown(log, silo.Address, string.Join(", ", silo.Regions), problem);
            peers.Sort();
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The peer {Address} for {Regions} is up.")]
    private static partial void LogUp(ILogger log, Uri address, string regions);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The peer {Address} for {Regions} is down: {Problem}.")]
    private static partial void LogDown(ILogger log, Uri address, string regions, string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The peer {Address} does not serve {Region}, as --peers says it does.")]
    private static partial void LogNotServed(ILogger log, Uri address, string region);
}
