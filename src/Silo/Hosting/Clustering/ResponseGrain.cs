using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Http;
using HeliosEdge.Grains.Placement;
using Orleans;
using Orleans.Concurrency;

namespace HeliosEdge.Silo.Hosting.Clustering;

/// <inheritdoc cref="IResponseGrain"/>
[Reentrant]
[SiloPlacement]
internal sealed class ResponseGrain : Grain, IResponseGrain
{
    /// <inheritdoc/>
    public Task<bool> BeginAsync(Guid id, string region, InvocationResult head)
    {
        var isAwaited = StreamedResponse.TryFind(id, out var response);
        response?.Begin(new PlacedInvocation(region, head));
        return Task.FromResult(isAwaited);
    }

    /// <inheritdoc/>
    public async Task<bool> WriteAsync(Guid id, ReadOnlyMemory<byte> piece) =>
        StreamedResponse.TryFind(id, out var response) && !(await response.Writer.WriteAsync(piece)).IsCompleted;

    /// <inheritdoc/>
    public async Task EndAsync(Guid id)
    {
        if (StreamedResponse.TryFind(id, out var response))
        {
            await response.Writer.CompleteAsync();
        }
    }
}
