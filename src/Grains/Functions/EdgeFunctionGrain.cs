using System.Buffers;
using System.Runtime.CompilerServices;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Http;
using HeliosEdge.Grains.Placement;
using Orleans;
using Orleans.Concurrency;

namespace HeliosEdge.Grains.Functions;

/// <summary>
/// Takes calls from other silos for <see cref="FunctionHosts"/>, and has no state. Reentrant: while a guest runs, on a thread of its own, the next call begins.
/// One activation is all that a silo needs, and it stays while parts of an answer are fetched from it.
/// </summary>
[Reentrant]
[StatelessWorker(1, removeIdleWorkers: false)]
[RegionFilter]
public sealed class EdgeFunctionGrain(FunctionHosts hosts) : Grain, IEdgeFunctionGrain
{
    /// <inheritdoc/>
    public Task<InvocationResult> InvokeAsync(FunctionCall call, CancellationToken cancellation) => InvokeAsync(call, null, cancellation);

    /// <inheritdoc/>
    public async IAsyncEnumerable<AnswerPart> AnswerAsync(FunctionCall call, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var left = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var stream = new StreamedResponse();
        var running = InvokeAsync(call, stream, left.Token);
        try
        {
            await Task.WhenAny(running, stream.Begun);
            if (stream.Begun.IsCompleted)
            {
                yield return new AnswerPart { Begin = (await stream.Begun).Result };
                for (var hasEnded = false; !hasEnded;)
                {
                    var read = await stream.Body.ReadAsync(left.Token);
                    var piece = read.Buffer.ToArray();
                    stream.Body.AdvanceTo(read.Buffer.End);
                    hasEnded = read.IsCompleted;
                    if (piece.Length > 0)
                    {
                        yield return new AnswerPart { Body = piece };
                    }
                }
            }

            yield return new AnswerPart { End = await running };
        }
        finally
        {
            // The guest learns by this that nobody waits any more.
            if (stream.Begun.IsCompleted)
            {
                await stream.Body.CompleteAsync();
            }

            await left.CancelAsync();
        }
    }

    private Task<InvocationResult> InvokeAsync(FunctionCall call, StreamedResponse? stream, CancellationToken cancellation)
    {
        var (region, name) = FunctionKey.Split(this.GetPrimaryKeyString());
        return hosts.InvokeAsync(region, name, call, stream, cancellation);
    }
}
