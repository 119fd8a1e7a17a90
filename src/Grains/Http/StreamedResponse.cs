using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using HeliosEdge.Grains.Placement;

namespace HeliosEdge.Grains.Http;

/// <summary>
/// A response that its receiver gets while the guest writes it. A call names it by its id, and so reaches it where the guest runs in the process of the
/// receiver; elsewhere nobody finds it, and the response comes with the call's result.
/// </summary>
public sealed class StreamedResponse : IDisposable
{
    private static readonly ConcurrentDictionary<Guid, StreamedResponse> Open = [];

    private readonly TaskCompletionSource<PlacedInvocation> _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Pipe? _body;

    /// <summary>Makes a response that calls may name.</summary>
    public StreamedResponse() => Open[Id] = this;

    /// <summary>What calls name it by; known to nobody else.</summary>
    public Guid Id { get; } = Guid.NewGuid();

    /// <summary>Ends once the head is there: where the guest runs, with the head in a result that is otherwise not known yet. Never ends for what is not streamed.</summary>
    public Task<PlacedInvocation> Begun => _begun.Task;

    /// <summary>The body, once it has <see cref="Begun"/>. It is complete when the guest has ended, however it did; the call's result says how.</summary>
    /// <exception cref="InvalidOperationException">It has not begun.</exception>
    public PipeReader Body => _body?.Reader ?? throw new InvalidOperationException("The response has not begun.");

    /// <summary>No call finds it from here on.</summary>
    public void Dispose() => Open.TryRemove(Id, out _);

    internal static bool TryFind(Guid? id, [NotNullWhen(true)] out StreamedResponse? response)
    {
        response = null;
        return id is { } known && Open.TryGetValue(known, out response);
    }

    /// <summary>Gives the receiver the head.</summary>
    /// <returns>Where the body goes. It never makes the guest wait: it holds no more than the guest may answer.</returns>
    internal PipeWriter Begin(PlacedInvocation head)
    {
        _body = new Pipe(new PipeOptions(pauseWriterThreshold: 0, useSynchronizationContext: false));
        _begun.SetResult(head);
        return _body.Writer;
    }
}
