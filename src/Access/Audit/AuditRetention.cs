using HeliosEdge.Sandbox;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace HeliosEdge.Access.Audit;

/// <summary>Forgets what the log of changes has no longer to keep.</summary>
/// <param name="log">The log.</param>
/// <param name="kept">How long entries stay.</param>
/// <param name="clock">Tells how old they are.</param>
/// <param name="logger">Where a failure is told.</param>
internal sealed partial class AuditRetention(IAuditLog log, TimeSpan kept, TimeProvider clock, ILogger<AuditRetention> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            do
            {
                await ForgetAsync();
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            LogEnded(logger);
        }
    }

    private async Task ForgetAsync()
    {
        try
        {
            if (await log.ForgetAsync(clock.GetUtcNow() - kept) is var forgotten and > 0)
            {
                LogForgotten(logger, forgotten, kept.TotalDays);
            }
        }
        catch (Exception e)
        {
            // The next hour is as good.
            LogFailed(logger, e is SandboxException { Code: ErrorCodes.Unavailable } ? null : e);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} entries of the log of changes were older than {Days} days and are gone.")]
    private static partial void LogForgotten(ILogger logger, int count, double days);

    [LoggerMessage(Level = LogLevel.Error, Message = "Old entries of the log of changes could not be removed.")]
    private static partial void LogFailed(ILogger logger, Exception? e);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The log of changes is no longer looked after.")]
    private static partial void LogEnded(ILogger logger);
}
