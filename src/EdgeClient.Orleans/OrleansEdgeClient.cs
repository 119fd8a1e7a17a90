using System.Diagnostics;
using System.Net;
using System.Runtime.CompilerServices;
using HeliosEdge.Client.Connections;
using HeliosEdge.Client.Messages;
using HeliosEdge.Grains.Abstractions.FanOuts;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Abstractions.Invocations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;

namespace HeliosEdge.Client;

/// <summary>
/// Calls the grains of a cluster through the gateways of its silos. No key is asked for: whoever reaches a gateway may call everything, past keys, scopes and rates. What holds for guests, limits and ceilings,
/// holds here, too. Exceptions are those that <see cref="HttpEdgeClient"/> throws, with no <see cref="EdgeException.Status"/>.
/// </summary>
public sealed class OrleansEdgeClient : IEdgeClient, IAsyncDisposable
{
    // Grains with one number are asked through one gateway.
    private const int Numbers = 64;

    private readonly IGrainFactory _grains;
    private readonly IReadOnlyList<IPEndPoint> _gateways;
    private readonly ServiceProvider? _owned;

    internal OrleansEdgeClient(IGrainFactory grains, IReadOnlyList<IPEndPoint> gateways, ServiceProvider? owned = null)
    {
        _grains = grains;
        _gateways = gateways;
        _owned = owned;
    }

    private static int AnyNumber => Random.Shared.Next(Numbers);

    /// <summary>Connects to a cluster. An application that has a host adds the client to that instead (<see cref="HeliosEdgeCluster"/>).</summary>
    /// <param name="options">Where its gateways are.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>The client; whoever disposes of it closes the connections.</returns>
    /// <exception cref="ArgumentException">The options contradict themselves, or cannot be used.</exception>
    /// <exception cref="EdgeConnectionException">No gateway answers, or takes the certificate.</exception>
    public static async Task<OrleansEdgeClient> ConnectAsync(OrleansEdgeClientOptions options, CancellationToken cancellationToken = default)
    {
        var services = new ServiceCollection().AddLogging().AddClusterConnection(options).BuildServiceProvider();
        try
        {
            foreach (var service in services.GetServices<IHostedService>())
            {
                await service.StartAsync(cancellationToken).ConfigureAwait(false);
            }

            return new OrleansEdgeClient(services.GetRequiredService<IClusterClient>(), options.Gateways, services);
        }
        catch (Exception e)
        {
            await services.DisposeAsync().ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            throw CallFailures.Of(e, options.Gateways);
        }
    }

    /// <inheritdoc/>
    public Task<EdgeResponse> InvokeAsync(
        string name, string? region, ReadOnlyMemory<byte> payload, CallOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        options ??= new CallOptions();
        var started = Stopwatch.GetTimestamp();
        return CallRetries.RunAsync(
            options,
            options.IdempotencyKey is not null,
            async cancel =>
            {
                var request = Request(name, region, payload, options) with { Failover = [.. options.Failover], PatienceMs = Patience(CallRetries.Remaining(options, started)) };
                var answer = await _gateways.AnswerAsync(() => Invocations.InvokeAsync(request, cancel), cancel).ConfigureAwait(false);
                return answer.ToResponse();
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<InvocationHandle> EnqueueAsync(
        string name, string? region, ReadOnlyMemory<byte> payload, CallOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var keyed = CallRetries.Keyed(options);
        var accepted = await CallRetries.RunAsync(
            keyed,
            mayHaveBegun: true,
            cancel => AcceptedAsync(() => Invocations.EnqueueAsync(Request(name, region, payload, keyed)), cancel),
            cancellationToken).ConfigureAwait(false);
        return new InvocationHandle(this, accepted);
    }

    /// <inheritdoc/>
    public async Task<InvocationInfo> GetInvocationAsync(Guid id, TimeSpan wait = default, CancellationToken cancellationToken = default)
    {
        var waitMs = WaitMs(wait);
        var status = await _gateways.AnswerAsync(() => Invocations.GetAsync(id, waitMs, cancellationToken), cancellationToken).ConfigureAwait(false);
        return status?.ToInfo() ?? throw NoInvocation(id);
    }

    /// <inheritdoc/>
    public async Task<InvocationInfo> CancelInvocationAsync(Guid id, CancellationToken cancellationToken = default)
    {
        var status = await _gateways.AnswerAsync(() => Invocations.CancelAsync(id), cancellationToken).ConfigureAwait(false);
        return status?.ToInfo() ?? throw NoInvocation(id);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<RegionResult> FanOutAsync(
        string name, FanOutRequest fanOut, TimeSpan? deadline = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(fanOut);
        var order = Order(name, fanOut) with { PatienceMs = Patience((long?)deadline?.TotalMilliseconds) };
        var parts = FanOuts.RunAsync(order, cancellationToken).GetAsyncEnumerator(cancellationToken);
        await using (parts.ConfigureAwait(false))
        {
            while (await _gateways.AnswerAsync(() => parts.MoveNextAsync().AsTask(), cancellationToken).ConfigureAwait(false))
            {
                parts.Current.Refusal.ThrowIfAny();
                yield return parts.Current.Answer!.ToResult();
            }
        }
    }

    /// <inheritdoc/>
    public async Task<FanOutHandle> EnqueueFanOutAsync(
        string name, FanOutRequest fanOut, CallOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(fanOut);
        var keyed = CallRetries.Keyed(options);
        var order = Order(name, fanOut) with { IdempotencyKey = keyed.IdempotencyKey };
        var accepted = await CallRetries.RunAsync(
            keyed, mayHaveBegun: true, cancel => AcceptedAsync(() => FanOuts.EnqueueAsync(order), cancel), cancellationToken).ConfigureAwait(false);
        return new FanOutHandle(this, accepted);
    }

    /// <inheritdoc/>
    public async Task<FanOutInfo> GetFanOutAsync(Guid id, TimeSpan wait = default, CancellationToken cancellationToken = default)
    {
        var waitMs = WaitMs(wait);
        var status = await _gateways.AnswerAsync(() => FanOuts.GetAsync(id, waitMs, cancellationToken), cancellationToken).ConfigureAwait(false);
        return status?.ToInfo() ?? throw new EdgeException("fanout_not_found", null, $"There is no fan-out {id}; it may have been forgotten.");
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<FunctionInfo> ListFunctionsAsync(
        string? region = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        string? after = null;
        do
        {
            var query = new FunctionQuery { After = after };
            var listing = await _gateways.AnswerAsync(
                () => _grains.GetGrain<IFunctionsGrain>(AnyNumber).ListAsync(region, query), cancellationToken).ConfigureAwait(false);
            listing.Refusal.ThrowIfAny();
            foreach (var function in listing.Page!.Functions)
            {
                yield return function.ToInfo();
            }

            after = listing.Page.Next;
        }
        while (after is not null);
    }

    /// <summary>Closes the connections that <see cref="ConnectAsync"/> opened; those of an application's host stay open.</summary>
    public ValueTask DisposeAsync() => _owned?.DisposeAsync() ?? ValueTask.CompletedTask;

    private IInvocationsGrain Invocations => _grains.GetGrain<IInvocationsGrain>(AnyNumber);

    private IFanOutsGrain FanOuts => _grains.GetGrain<IFanOutsGrain>(AnyNumber);

    private async Task<Guid> AcceptedAsync(Func<Task<Acceptance>> enqueue, CancellationToken cancellationToken)
    {
        var accepted = await _gateways.AnswerAsync(enqueue, cancellationToken).ConfigureAwait(false);
        accepted.Refusal.ThrowIfAny();
        return accepted.Id;
    }

    private static InvocationRequest Request(string name, string? region, ReadOnlyMemory<byte> payload, CallOptions options) => new()
    {
        Function = name,
        Region = region,
        Payload = payload,
        IdempotencyKey = options.IdempotencyKey,
        TraceParent = Activity.Current?.Id,
        TraceState = Activity.Current?.TraceStateString,
    };

    private static FanOutOrder Order(string name, FanOutRequest fanOut) => new()
    {
        Function = name,
        Regions = [.. fanOut.Regions ?? ["*"]],
        Mode = (Grains.Abstractions.FanOuts.FanOutMode)(int)fanOut.Mode,
        Quorum = fanOut.Quorum,
        Payload = fanOut.Payload,
        TraceParent = Activity.Current?.Id,
    };

    private static int? Patience(long? milliseconds) => milliseconds is { } stated ? (int)Math.Min(stated, int.MaxValue) : null;

    private static int WaitMs(TimeSpan wait)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(wait, TimeSpan.Zero);
        return (int)Math.Min(wait.TotalMilliseconds, int.MaxValue);
    }

    private static EdgeException NoInvocation(Guid id) =>
        new("invocation_not_found", null, $"There is no invocation {id}; it may have been forgotten.");
}
