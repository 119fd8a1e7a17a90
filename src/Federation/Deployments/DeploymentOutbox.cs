using System.Collections.Concurrent;
using HeliosEdge.Sandbox;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace HeliosEdge.Federation.Deployments;

/// <summary>
/// Has functions registered and removed at other silos. Each order is on disk before it is acknowledged, and is tried until the silo has
/// taken or refused it; a newer one for the same function and silo takes its place.
/// </summary>
internal sealed partial class DeploymentOutbox(
    IDeploymentStore store, DeploymentDelivery delivery, HttpRegionPeers peers, PeerProbe probe, ILogger<DeploymentOutbox> log) : BackgroundService
{
    /// <summary>Who deploys waits this long for the silos; what takes longer goes on without anybody waiting.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan DeliveryTimeout = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan MaxDelay = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private const int Batch = 100;

    // Orders for one silo go one after the other: a registration must not overtake the one that takes its place.
    private readonly ConcurrentDictionary<Uri, SemaphoreSlim> _turns = new();
    private readonly SemaphoreSlim _wake = new(0);
    private CancellationToken _stopping;

    /// <summary>Orders something, and waits a while for it to be done.</summary>
    /// <returns>The orders as they are then.</returns>
    public async Task<IReadOnlyList<StoredDeployment>> PlaceAsync(IReadOnlyCollection<StoredDeployment> orders)
    {
        await store.PutAsync(orders);
        var deliveries = Task.WhenAll(orders.Select(order => DeliverAsync(order.Function, order.Peer)));
        await Task.WhenAny(deliveries, Task.Delay(Patience, _stopping));
        var placed = new List<StoredDeployment>();
        foreach (var order in orders)
        {
            // What is gone was a removal that has been carried out.
            placed.Add(await store.FindAsync(order.Function, order.Peer) ?? order with { State = DeploymentState.Deployed });
        }

        return placed;
    }

    /// <summary>The silos that have a function from here, or are to get it.</summary>
    public Task<IReadOnlyList<StoredDeployment>> ListAsync(string function) => store.ListAsync(function);

    public override void Dispose()
    {
        base.Dispose();
        probe.CameUp -= Wake;
        _wake.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        _stopping = stoppingToken;
        probe.CameUp += Wake;
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await DeliverDueAsync();
                await _wake.WaitAsync(Interval, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (SandboxException e) when (e.Code == ErrorCodes.Unavailable)
            {
                // The storage has told of it.
                await Task.Delay(Interval, CancellationToken.None);
            }
        }
    }

    private async Task DeliverDueAsync()
    {
        var due = await store.ListDueAsync(Batch);
        await Task.WhenAll(due.Where(MayBeReached).Select(order => DeliverAsync(order.Function, order.Peer)));
    }

    // Looking at a silo that is down is the probe's business.
    private bool MayBeReached(StoredDeployment order) => Find(order) is not { State.IsUp: false };

    private PeerSilo? Find(StoredDeployment order) => order.Regions.Select(peers.FindRegion).FirstOrDefault(peer => peer is not null)?.Silo;

    private async Task DeliverAsync(string function, string peer)
    {
        var turn = _turns.GetOrAdd(new Uri(peer), _ => new SemaphoreSlim(1));
        await turn.WaitAsync(_stopping);
        try
        {
            if (await store.FindAsync(function, peer) is { State: DeploymentState.Pending } order)
            {
                await DeliverAsync(order);
            }
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task DeliverAsync(StoredDeployment order)
    {
        if (Find(order) is not { } silo)
        {
            await store.EndAsync(
                order,
                DeploymentState.Failed,
                new DeploymentProblem(ErrorCodes.RegionNotFound, $"No peer is known any more that serves {string.Join(", ", order.Regions)}."));
            return;
        }

        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(_stopping);
        timeout.CancelAfter(DeliveryTimeout);
        try
        {
            var problem = await delivery.DeliverAsync(order, silo, timeout.Token);
            await store.EndAsync(order, problem is null ? DeploymentState.Deployed : DeploymentState.Failed, problem);
            LogEnded(log, order.Function, silo.Address, problem?.Detail ?? "done");
        }
        catch (SandboxException e)
        {
            await DeferAsync(order, new DeploymentProblem(e.Code, e.Message));
        }
        catch (OperationCanceledException) when (!_stopping.IsCancellationRequested)
        {
            await DeferAsync(order, new DeploymentProblem(ErrorCodes.PeerFailed, $"{silo.Address} took longer than {DeliveryTimeout.TotalSeconds:0} s."));
        }
        catch (HttpRequestException e)
        {
            await DeferAsync(order, new DeploymentProblem(ErrorCodes.PeerFailed, e.GetBaseException().Message));
        }
    }

    private Task DeferAsync(StoredDeployment order, DeploymentProblem problem)
    {
        var delay = Math.Min(Math.Pow(2, Math.Min(order.Attempts, 10)), MaxDelay.TotalSeconds) * (0.5 + (0.5 * Random.Shared.NextDouble()));
        return store.DeferAsync(order, problem, TimeSpan.FromSeconds(delay));
    }

    private void Wake(PeerSilo silo) => _ = WakeAsync(silo);

    private async Task WakeAsync(PeerSilo silo)
    {
        try
        {
            await store.WakeAsync(silo.Address.AbsoluteUri);
            _wake.Release();
        }
        catch (Exception e) when (e is ObjectDisposedException or SandboxException { Code: ErrorCodes.Unavailable })
        {
            // The silo stops, or its storage has told that it cannot be used: they become due by themselves.
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The deployment of {Function} to {Address} ended: {How}.")]
    private static partial void LogEnded(ILogger log, string function, Uri address, string how);
}
