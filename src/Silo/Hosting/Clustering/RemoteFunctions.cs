using System.Collections.Concurrent;
using System.IO.Pipelines;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Http;
using HeliosEdge.Grains.Placement;
using HeliosEdge.Sandbox;
using Orleans;
using Orleans.Runtime;

namespace HeliosEdge.Silo.Hosting.Clustering;

/// <summary>
/// Calls functions on the other silos of the cluster: of those that serve the region the one that has the fewest calls of this silo, and another one where that cannot be reached.
/// </summary>
internal sealed class RemoteFunctions(IGrainFactory grains, ISiloStatusOracle silos, ClusterRegions regions) : IRemoteFunctions
{
    private readonly ConcurrentDictionary<SiloAddress, int> _underWay = new();

    /// <inheritdoc/>
    public async Task<InvocationResult> InvokeAsync(
        string region, string name, FunctionCall call, StreamedResponse? stream, CancellationToken cancellationToken)
    {
        var tried = new HashSet<SiloAddress>();
        SandboxException? unreached = null;
        while (Choose(region, tried) is { } silo)
        {
            _underWay.AddOrUpdate(silo, 1, static (_, count) => count + 1);
            try
            {
                var function = grains.GetGrain<IEdgeFunctionGrain>(FunctionKey.For(region, name, silo.ToParsableString()));
                return stream is null
                    ? await function.InvokeAsync(call, cancellationToken)
                    : await PassOnAsync(function, region, call, stream, cancellationToken);
            }
            catch (Exception e) when (CallFaults.Of(e, silo.ToString()) is { } fault)
            {
                if (fault.Code != ErrorCodes.RegionUnavailable || stream is { Begun.IsCompleted: true })
                {
                    throw fault.Code == ErrorCodes.RegionUnavailable ? CallFaults.WentAway(silo.ToString(), e) : fault;
                }

                tried.Add(silo);
                unreached = fault;
            }
            finally
            {
                if (_underWay.AddOrUpdate(silo, 0, static (_, count) => count - 1) == 0)
                {
                    _underWay.TryRemove(KeyValuePair.Create(silo, 0));
                }
            }
        }

        throw unreached ?? RegionFilterDirector.RegionUnavailable(region);
    }

    private static async Task<InvocationResult> PassOnAsync(
        IEdgeFunctionGrain function, string region, FunctionCall call, StreamedResponse stream, CancellationToken cancellationToken)
    {
        PipeWriter? body = null;
        try
        {
            // One part at a time: what is not taken yet waits where the guest is, and holds it up there.
            await foreach (var part in function.AnswerAsync(call, cancellationToken).WithBatchSize(1).WithCancellation(cancellationToken))
            {
                if (part.End is { } end)
                {
                    return end;
                }

                if (part.Begin is { } head)
                {
                    body = stream.Begin(new PlacedInvocation(region, head));
                }
                else if ((await body!.WriteAsync(part.Body, cancellationToken)).IsCompleted)
                {
                    throw new SandboxException(ErrorCodes.Cancelled, "Nobody takes the response any more.");
                }
            }

            throw new EnumerationAbortedException("The answer has no end.");
        }
        finally
        {
            if (body is not null)
            {
                await body.CompleteAsync();
            }
        }
    }

    private SiloAddress? Choose(string region, HashSet<SiloAddress> tried) => silos.GetActiveSilos()
        .Where(silo => !silo.Equals(silos.SiloAddress) && !tried.Contains(silo) && regions.Serves(silo, region))
        .MinBy(silo => (_underWay.GetValueOrDefault(silo), Random.Shared.Next()));
}
