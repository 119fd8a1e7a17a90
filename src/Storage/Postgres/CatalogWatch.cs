using System.Data.Common;
using System.Net.Sockets;
using Dapper;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Sandbox;
using HeliosEdge.Settings;
using HeliosEdge.Storage.Watching;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace HeliosEdge.Storage.Postgres;

/// <summary>
/// Takes up what other silos change in a database that they share with this one. The database numbers the changes in the order of their
/// commits and notifies of them; this silo remembers the number that it has reached. Whatever becomes of a notification, or of the
/// connection that listens, the next look at the numbers finds what was missed. A silo that has changed something has the others look at once. Once this silo has joined its cluster, and
/// before it serves, it looks for what was changed before the others knew it.
/// </summary>
internal sealed partial class CatalogWatch(
    PostgresDatabase database, WatchedStore store, FunctionRegistrar registrar, CatalogWatchOptions options, ILogger<CatalogWatch> logger)
    : BackgroundService, ICatalogFeed
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly SemaphoreSlim _catchingUp = new(1);
    private long? _reached;

    /// <inheritdoc/>
    public async Task CatchUpAsync(CancellationToken cancellationToken = default)
    {
        await _catchingUp.WaitAsync(cancellationToken);
        try
        {
            await TakeUpAsync(cancellationToken);
        }
        finally
        {
            _catchingUp.Release();
        }
    }

    /// <inheritdoc/>
    /// <exception cref="SiloStartException">The database cannot be read.</exception>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await CatchUpAsync(cancellationToken);
        }
        catch (Exception e) when (e is DbException or SocketException or IOException or TimeoutException or SandboxException { Code: ErrorCodes.Unavailable })
        {
            throw new SiloStartException($"The functions in the database {database.Location} cannot be read: {e.Message}", e);
        }

        await base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _catchingUp.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var isLost = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var listening = await database.ListenAsync(PostgresDatabase.FunctionsChannel, stoppingToken);

                // Only now: what is committed from here on is notified of.
                await CatchUpAsync(stoppingToken);
                if (isLost)
                {
                    isLost = false;
                    LogFound(logger, database.Location);
                }

                while (true)
                {
                    await listening.WaitAsync(options.Poll, stoppingToken);
                    await CatchUpAsync(stoppingToken);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (StorageFault.Of(e) is { } fault)
            {
                store.Fail(fault, e.Message, e);
            }
            catch (SandboxException e) when (e.Code == ErrorCodes.Unavailable)
            {
                // The store has told of it.
            }
            catch (Exception e)
            {
                // Whatever it is, a silo that takes up no changes must try again.
                if (!isLost)
                {
                    isLost = true;
                    LogLost(logger, e, database.Location);
                }
            }

            await Task.Delay(Pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task TakeUpAsync(CancellationToken cancel)
    {
        var reached = _reached;
        var (latest, changes) = await database.ReadAsync(
            async connection =>
            {
                var latest = await connection.ExecuteScalarAsync<long>("SELECT revision FROM catalog");
                var changes = latest == reached
                    ? []
                    : (await connection.QueryAsync<(long Revision, string Name)>(
                        "SELECT revision, name FROM function_changes WHERE revision > @reached ORDER BY revision", new { reached = reached ?? latest })).AsList();
                return (latest, changes);
            },
            cancel);
        if (latest == reached)
        {
            return;
        }

        // The first look, one after so long that the oldest changes are dropped, and a database that was put back to an earlier time.
        if (reached is null || latest < reached || changes.Count == 0 || changes[0].Revision != reached + 1)
        {
            await registrar.TakeUpAllAsync();
            _reached = latest;
            return;
        }

        foreach (var name in changes.Select(change => change.Name).Distinct(StringComparer.Ordinal))
        {
            try
            {
                await registrar.TakeUpAsync(name);
            }
            catch (Exception e) when (e is not (DbException or SocketException or IOException or TimeoutException or SandboxException { Code: ErrorCodes.Unavailable }))
            {
                // One that this silo cannot read, such as a later release's, must not keep it from the others.
                LogUnread(logger, e, name);
            }
        }

        _reached = changes[^1].Revision;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database {Location} does not tell of other silos' changes at the moment; this silo goes on with what it knows, and tries again.")]
    private static partial void LogLost(ILogger logger, Exception e, string location);

    [LoggerMessage(Level = LogLevel.Error, Message = "What another silo changed of the function {Name} cannot be taken up.")]
    private static partial void LogUnread(ILogger logger, Exception e, string name);

    [LoggerMessage(Level = LogLevel.Information, Message = "The database {Location} tells of other silos' changes again; what was missed is taken up.")]
    private static partial void LogFound(ILogger logger, string location);
}
