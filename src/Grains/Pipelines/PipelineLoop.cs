using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.HostServices.Sql.Changes;
using Microsoft.Extensions.Logging;

namespace HeliosEdge.Grains.Pipelines;

/// <summary>One pipeline on this silo: it waits until no other silo has it, delivers, and begins again after what fails.</summary>
internal sealed partial class PipelineLoop : IAsyncDisposable
{
    private static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _end = new();
    private readonly ISqlChanges _changes;
    private readonly PipelineCall _call;
    private readonly ILogger _log;
    private readonly string _region;
    private readonly string _name;
    private readonly Task _running;

    /// <summary>Begins.</summary>
    /// <param name="changes">The pipelines of its database.</param>
    /// <param name="call">Calls its function.</param>
    /// <param name="region">Its region.</param>
    /// <param name="status">The pipeline.</param>
    /// <param name="log">Where it tells what happens.</param>
    /// <param name="ended">Called when it ends by itself: the pipeline has become another.</param>
    public PipelineLoop(ISqlChanges changes, PipelineCall call, string region, PipelineStatus status, ILogger log, Action ended)
    {
        (_changes, _call, _region, _name, _log) = (changes, call, region, status.Definition.Name, log);
        Revision = status.Revision;
        _running = Task.Run(() => RunAsync(ended));
    }

    /// <summary>The revision of the pipeline that it runs.</summary>
    public long Revision { get; }

    /// <summary>Whether it has ended by itself.</summary>
    public bool IsOver => _running.IsCompleted;

    /// <summary>Ends it; what was under way is delivered again by whoever has the pipeline next.</summary>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _end.Dispose();
    }

    private async Task RunAsync(Action ended)
    {
        var failures = 0;
        string? told = null;
        while (!_end.IsCancellationRequested)
        {
            PipelineDelivery? delivery = null;
            try
            {
                var stream = await _changes.TryOpenAsync(_name, _end.Token).ConfigureAwait(false);
                if (stream is null)
                {
                    await Task.Delay(AskEvery, _end.Token).ConfigureAwait(false);
                    continue;
                }

                await using (stream)
                {
                    if (stream.Revision != Revision)
                    {
                        break;
                    }

                    LogBegins(_log, _name, _region);
                    delivery = new PipelineDelivery(_call, stream, _region, _log);
                    await delivery.RunAsync(_end.Token).ConfigureAwait(false);
                }
            }
            catch (OperationCanceledException) when (_end.IsCancellationRequested)
            {
                return;
            }
            catch (PipelineEndedException e)
            {
                LogEnded(_log, _name, _region, e.Message);
                break;
            }
            catch (PipelineStopException e)
            {
                if (await StopAsync(e.Message).ConfigureAwait(false))
                {
                    break;
                }
            }
            catch (SandboxException e) when (e.Code == ErrorCodes.CaptureRefused)
            {
                if (await StopAsync(e.Message).ConfigureAwait(false))
                {
                    break;
                }
            }
            catch (SandboxException e)
            {
                if (told != e.Message)
                {
                    LogWaits(_log, _name, _region, e.Code, e.Message);
                    told = e.Message;
                }
            }
            catch (Exception e)
            {
                LogFailed(_log, e, _name, _region);
            }

            if (delivery?.Delivered > 0)
            {
                (failures, told) = (0, null);
            }

            await PauseAsync(++failures).ConfigureAwait(false);
        }

        ended();
    }

    /// <summary>Says in the database that the pipeline has stopped, and why.</summary>
    /// <returns>False where that cannot be said now.</returns>
    private async Task<bool> StopAsync(string reason)
    {
        LogStops(_log, _name, _region, reason);
        try
        {
            await _changes.SwitchAsync(_name, PipelineState.Failed, reason, Revision, _end.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is SandboxException or OperationCanceledException)
        {
            LogFailed(_log, e, _name, _region);
            return false;
        }
    }

    private async Task PauseAsync(int failures)
    {
        try
        {
            await Task.Delay(PipelineLimits.PauseAfter(failures), _end.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The loop looks at it next.
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The pipeline {Pipeline} in {Region} delivers from this silo.")]
    private static partial void LogBegins(ILogger log, string pipeline, string region);

    [LoggerMessage(Level = LogLevel.Information, Message = "The pipeline {Pipeline} in {Region} does not deliver from this silo any more: {Reason}")]
    private static partial void LogEnded(ILogger log, string pipeline, string region, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "The pipeline {Pipeline} in {Region} has stopped: {Reason}")]
    private static partial void LogStops(ILogger log, string pipeline, string region, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The pipeline {Pipeline} in {Region} waits for its database: {Code}: {Reason}")]
    private static partial void LogWaits(ILogger log, string pipeline, string region, string code, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "The pipeline {Pipeline} in {Region} failed and begins again.")]
    private static partial void LogFailed(ILogger log, Exception e, string pipeline, string region);
}
