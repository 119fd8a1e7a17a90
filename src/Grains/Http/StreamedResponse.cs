using System.Buffers;
using System.IO.Pipelines;
using HeliosEdge.Grains.Placement;

namespace HeliosEdge.Grains.Http;

/// <summary>
/// A response that its receiver gets while the guest writes it, or while what hears from the silo that the guest is on passes it on.
/// </summary>
public sealed class StreamedResponse
{
    /// <summary>Bytes that are held for a receiver who is slower than the guest; once there are as many, the guest waits.</summary>
    public const int MaxHeldBytes = 1 << 20;

    private static readonly PipeOptions Bounded = new(
        pauseWriterThreshold: MaxHeldBytes, resumeWriterThreshold: MaxHeldBytes / 2, useSynchronizationContext: false);

    private readonly TaskCompletionSource<PlacedInvocation> _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Pipe? _body;

    /// <summary>The body of the request, where that, too, is taken as it comes; null where it is the call's payload.</summary>
    public StreamedRequest? Request { get; init; }

    /// <summary>Ends once the head is there: where the guest runs, with the head in a result that is otherwise not known yet. Never ends for what is not streamed.</summary>
    public Task<PlacedInvocation> Begun => _begun.Task;

    /// <summary>The body, once it has <see cref="Begun"/>. It is complete when the guest has ended, however it did; the call's result says how.</summary>
    /// <exception cref="InvalidOperationException">It has not begun.</exception>
    public PipeReader Body => _body?.Reader ?? throw new InvalidOperationException("The response has not begun.");

    /// <summary>Gives the receiver the head.</summary>
    /// <returns>Where the body goes: to be flushed after each piece, and completed when there are no more.</returns>
    /// <exception cref="InvalidOperationException">It has begun before.</exception>
    public PipeWriter Begin(PlacedInvocation head)
    {
        _body = new Pipe(Bounded);
        _begun.SetResult(head);
        return _body.Writer;
    }

    /// <summary>The body of a response whose call has ended before anybody read of it.</summary>
    /// <exception cref="InvalidOperationException">It has not begun.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> WholeAsync()
    {
        var read = await Body.ReadAsync().ConfigureAwait(false);
        var whole = read.Buffer.ToArray();
        await Body.CompleteAsync().ConfigureAwait(false);
        return whole;
    }
}
