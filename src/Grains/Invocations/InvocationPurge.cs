using HeliosEdge.Sandbox;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace HeliosEdge.Grains.Invocations;

/// <summary>Forgets invocations and fan-outs that have expired, now and then.</summary>
public sealed partial class InvocationPurge(
    IInvocationStore invocations, FanOuts.IFanOutStore fanOuts, InvocationWorkerOptions options, TimeProvider clock, ILogger<InvocationPurge> log)
    : BackgroundService
{
    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                await Task.Delay(options.PurgeEvery, clock, stoppingToken).ConfigureAwait(false);
                var forgotten = await invocations.PurgeAsync(stoppingToken).ConfigureAwait(false);
                await fanOuts.PurgeAsync(stoppingToken).ConfigureAwait(false);
                LogPurged(log, forgotten);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (SandboxException e) when (e.Code == ErrorCodes.Unavailable)
            {
                // The storage has told of it, and the next time is as good.
            }
            catch (Exception e)
            {
                LogFailed(log, e);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Count} expired invocations were forgotten.")]
    private static partial void LogPurged(ILogger log, int count);

    [LoggerMessage(Level = LogLevel.Error, Message = "Expired invocations could not be forgotten.")]
    private static partial void LogFailed(ILogger log, Exception e);
}
