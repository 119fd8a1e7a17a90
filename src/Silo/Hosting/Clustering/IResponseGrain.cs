using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Http;
using Orleans;

namespace HeliosEdge.Silo.Hosting.Clustering;

/// <summary>Takes the responses that callers at one silo wait for from the silos that their guests are on; the key is the silo's address.</summary>
[Alias("HeliosEdge.IResponseGrain")]
internal interface IResponseGrain : IGrainWithStringKey
{
    /// <summary>Gives a caller the head of a response.</summary>
    /// <param name="id">What the call names the <see cref="StreamedResponse"/> by.</param>
    /// <param name="region">Where the guest runs.</param>
    /// <param name="head">The head, in a result that is otherwise not known yet.</param>
    /// <returns>False if nobody waits for it any more.</returns>
    [Alias("Begin")]
    Task<bool> BeginAsync(Guid id, string region, InvocationResult head);

    /// <summary>Gives a caller the next piece of a body; ends when there is room for more.</summary>
    /// <returns>False if nobody waits for it any more.</returns>
    [Alias("Write")]
    [ResponseTimeout("00:01:30")]
    Task<bool> WriteAsync(Guid id, ReadOnlyMemory<byte> piece);

    /// <summary>Ends a body.</summary>
    [Alias("End")]
    Task EndAsync(Guid id);
}
