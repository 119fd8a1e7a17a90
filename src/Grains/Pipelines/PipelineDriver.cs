using System.Collections.Concurrent;
using System.Collections.Immutable;
using HeliosEdge.Grains.Regions;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.HostServices.Sql;
using HeliosEdge.Sandbox.HostServices.Sql.Changes;
using HeliosEdge.Sandbox.Limits;
using HeliosEdge.Sandbox.Security;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace HeliosEdge.Grains.Pipelines;

/// <summary>Runs the pipelines of this silo's regions, each database for itself, and gives up those that would fill it.</summary>
public sealed partial class PipelineDriver(ISqlDatabases databases, ServedRegions served, SandboxPolicy policy, PipelineCall call, ILogger<PipelineDriver> log) : BackgroundService
{
    private readonly ConcurrentDictionary<(string Region, string Database), SemaphoreSlim> _signals = new();

    /// <summary>Has the pipelines of a database looked at now: one of them has been changed.</summary>
    public void Look(string region, string database)
    {
        var signal = SignalOf(region, database);
        if (signal.CurrentCount == 0)
        {
            signal.Release();
        }
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        from region in served.Own
        from name in databases.Names(region)
        where name != SecurityProfile.MainDatabase || policy.WhyNoSql(region) is null
        select Task.Run(() => DriveAsync(region, name, stoppingToken), CancellationToken.None));

    private async Task DriveAsync(string region, string name, CancellationToken stoppingToken)
    {
        var running = new Dictionary<string, PipelineLoop>(StringComparer.Ordinal);
        var warned = new HashSet<string>(StringComparer.Ordinal);
        var isAway = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (databases.Find(region, name)?.Changes is { } changes)
                {
                    var pipelines = await GiveUpAsync(changes, await changes.ListAsync(stoppingToken).ConfigureAwait(false), region, warned, stoppingToken).ConfigureAwait(false);
                    await TendAsync(changes, pipelines, region, name, running).ConfigureAwait(false);
                    isAway = false;
                }

                await SignalOf(region, name).WaitAsync(PipelineLimits.LookEvery, stoppingToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
            {
                // Pipelines that run go on; what keeps them from it they find out themselves.
                if (!isAway)
                {
                    isAway = true;
                    LogAway(log, e is SandboxException ? null : e, name, region, e.Message);
                }

                await PauseAsync(stoppingToken).ConfigureAwait(false);
            }
        }

        await Task.WhenAll(running.Values.Select(loop => loop.DisposeAsync().AsTask())).ConfigureAwait(false);
    }

    private async Task TendAsync(ISqlChanges changes, ImmutableArray<PipelineStatus> pipelines, string region, string database, Dictionary<string, PipelineLoop> running)
    {
        var wanted = pipelines.Where(pipeline => pipeline.State == PipelineState.Running).ToDictionary(pipeline => pipeline.Definition.Name, StringComparer.Ordinal);
        foreach (var (name, loop) in running.ToArray())
        {
            if (loop.IsOver || !wanted.TryGetValue(name, out var pipeline) || pipeline.Revision != loop.Revision)
            {
                running.Remove(name);
                await loop.DisposeAsync().ConfigureAwait(false);
            }
        }

        foreach (var (name, pipeline) in wanted)
        {
            if (!running.ContainsKey(name))
            {
                running.Add(name, new PipelineLoop(changes, call, region, pipeline, log, () => Look(region, database)));
            }
        }
    }

    /// <summary>Gives up pipelines for which their database holds more than it may.</summary>
    private async Task<ImmutableArray<PipelineStatus>> GiveUpAsync(
        ISqlChanges changes, ImmutableArray<PipelineStatus> pipelines, string region, HashSet<string> warned, CancellationToken cancellationToken)
    {
        var kept = pipelines.ToBuilder();
        for (var i = 0; i < kept.Count; i++)
        {
            var pipeline = kept[i];
            var most = (long)pipeline.Definition.MaxRetainedMiB << 20;
            if (pipeline.State == PipelineState.Lost || pipeline.RetainedBytes < most * PipelineLimits.WarnAt)
            {
                warned.Remove(pipeline.Definition.Name);
            }
            else if (pipeline.RetainedBytes > most)
            {
                var reason = $"The database held {pipeline.RetainedBytes} bytes for it; the limit maxRetainedMiB is {pipeline.Definition.MaxRetainedMiB} MiB. What it had not delivered was given up; replay it from a snapshot.";
                LogLost(log, pipeline.Definition.Name, region, reason);
                kept[i] = await changes.SwitchAsync(pipeline.Definition.Name, PipelineState.Lost, reason, pipeline.Revision, cancellationToken).ConfigureAwait(false);
            }
            else if (warned.Add(pipeline.Definition.Name))
            {
                LogRetains(log, pipeline.Definition.Name, region, PipelineDescriptions.Warning(pipeline)!);
            }
        }

        return kept.ToImmutable();
    }

    private SemaphoreSlim SignalOf(string region, string database) => _signals.GetOrAdd((region, database), _ => new SemaphoreSlim(0));

    private static async Task PauseAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.Delay(PipelineLimits.LookEvery, stoppingToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The loop looks at it next.
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The pipelines of the database {Database} in {Region} cannot be looked at: {Reason}")]
    private static partial void LogAway(ILogger log, Exception? e, string database, string region, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The pipeline {Pipeline} in {Region}: {Warning}")]
    private static partial void LogRetains(ILogger log, string pipeline, string region, string warning);

    [LoggerMessage(Level = LogLevel.Error, Message = "The pipeline {Pipeline} in {Region} is lost: {Reason}")]
    private static partial void LogLost(ILogger log, string pipeline, string region, string reason);
}
