using System.Collections.Concurrent;
using HeliosEdge.Sandbox;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace HeliosEdge.Grains.FanOuts;

/// <summary>
/// Sees to it that durable fan-outs are decided, whether or not somebody waits for them: those accepted here, those of before a restart, and
/// those whose silo is gone.
/// </summary>
public sealed partial class FanOutDriver(IFanOutStore store, FanOutWatch watch, TimeProvider clock, ILogger<FanOutDriver> log) : BackgroundService
{
    private static readonly TimeSpan Wait = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ListEvery = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<Guid, bool> _driven = [];
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Takes a fan-out on.</summary>
    public void Drive(Guid id)
    {
        if (_driven.TryAdd(id, true))
        {
            _ = DriveAsync(id);
        }
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _stopping.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                foreach (var id in await store.ListUndecidedAsync(stoppingToken).ConfigureAwait(false))
                {
                    Drive(id);
                }

                await Task.Delay(ListEvery, clock, stoppingToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // Storage that cannot be used tells so itself.
                if (e is not SandboxException { Code: ErrorCodes.Unavailable })
                {
                    LogListFailed(log, e);
                }

                await Task.Delay(ListEvery, clock, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    private async Task DriveAsync(Guid id)
    {
        try
        {
            while (!await watch.WaitAsync(id, Wait, _stopping.Token).ConfigureAwait(false))
            {
                if (_stopping.IsCancellationRequested)
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The next silo to start takes it on.
        }
        catch (Exception e)
        {
            // It is still listed as undecided, and is taken on again from there.
            LogFailed(log, e is SandboxException { Code: ErrorCodes.Unavailable } ? null : e, id);
        }
        finally
        {
            _driven.TryRemove(id, out _);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The undecided fan-outs could not be listed.")]
    private static partial void LogListFailed(ILogger log, Exception e);

    [LoggerMessage(Level = LogLevel.Error, Message = "The fan-out {Id} could not be watched; it is taken up again.")]
    private static partial void LogFailed(ILogger log, Exception? e, Guid id);
}
