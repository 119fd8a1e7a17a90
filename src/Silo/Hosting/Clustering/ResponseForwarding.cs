using System.Buffers;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Http;
using Orleans;
using Orleans.Runtime;

namespace HeliosEdge.Silo.Hosting.Clustering;

/// <summary>Sends what a guest here writes to the silo at which its caller waits for it, piece by piece: each is on its way once the one before has been taken.</summary>
internal sealed class ResponseForwarding(IGrainFactory grains) : IIncomingGrainCallFilter
{
    /// <inheritdoc/>
    public Task Invoke(IIncomingGrainCallContext context) =>
        context.Request.GetArgumentCount() > 0
        && context.Request.GetArgument(0) is FunctionCall { Http: { Stream: { } id, IsBodyStreamed: false } http } call
        && !StreamedResponse.TryFind(id, out _)
        && RequestContext.Get(ResponseOrigin.Key) is string origin
            ? InvokeAsync(context, call, http, grains.GetGrain<IResponseGrain>(origin), id)
            : context.Invoke();

    private static async Task InvokeAsync(IIncomingGrainCallContext context, FunctionCall call, HttpCall http, IResponseGrain to, Guid id)
    {
        using var response = new StreamedResponse();
        context.Request.SetArgument(0, call with { Http = http with { Stream = response.Id } });
        var running = context.Invoke();
        if (await Task.WhenAny(running, response.Begun) != running)
        {
            await ForwardAsync(response, to, id);
        }
        else if (response.Begun.IsCompleted && running.IsCompletedSuccessfully && context.Result is InvocationResult { Fault: null } result)
        {
            // All of it is here before any of it was sent: it goes with the result.
            context.Result = result with { Response = await response.WholeAsync() };
        }

        await running;
    }

    private static async Task ForwardAsync(StreamedResponse response, IResponseGrain to, Guid id)
    {
        var isAwaited = false;
        try
        {
            var (region, head) = await response.Begun;
            isAwaited = await to.BeginAsync(id, region, head);
            for (var hasEnded = false; isAwaited && !hasEnded;)
            {
                var read = await response.Body.ReadAsync();
                isAwaited = read.Buffer.IsEmpty || await to.WriteAsync(id, read.Buffer.ToArray());
                response.Body.AdvanceTo(read.Buffer.End);
                hasEnded = read.IsCompleted;
            }
        }
        finally
        {
            // The guest learns by this that nobody waits any more.
            await response.Body.CompleteAsync();
        }

        if (isAwaited)
        {
            await to.EndAsync(id);
        }
    }
}
