using HeliosEdge.Sandbox.Engines;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace HeliosEdge.Grains.Modules;

/// <summary>Forgets modules that no version of a function names, and compiled code of modules that are not stored, now and then.</summary>
public sealed partial class ModulePurge(
    IModuleStore store, ModuleRegistry modules, EngineSet engines, ModuleRetention retention, TimeProvider clock, ILogger<ModulePurge> log) : BackgroundService
{
    /// <summary>Looks once.</summary>
    public async Task PurgeAsync()
    {
        var before = clock.GetUtcNow() - retention.Unnamed;
        var forgotten = await store.ForgetAsync(before).ConfigureAwait(false);
        foreach (var hash in forgotten)
        {
            await modules.ReleaseAsync(hash).ConfigureAwait(false);
        }

        // Where silos share a store, another one may have forgotten what is compiled here.
        engines.KeepCode(await store.ListAsync().ConfigureAwait(false), before);
        if (forgotten.Count > 0)
        {
            LogForgotten(log, forgotten.Count);
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                await Task.Delay(retention.Every, clock, stoppingToken).ConfigureAwait(false);
                await PurgeAsync().ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                LogFailed(log, e);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Count} modules that no function named were forgotten.")]
    private static partial void LogForgotten(ILogger log, int count);

    [LoggerMessage(Level = LogLevel.Error, Message = "Modules that no function names could not be forgotten.")]
    private static partial void LogFailed(ILogger log, Exception e);
}
