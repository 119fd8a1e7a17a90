namespace HeliosEdge.Client;

/// <summary>An asynchronous invocation. It runs whether or not anybody holds on to this.</summary>
public sealed class InvocationHandle
{
    private static readonly TimeSpan WaitForEnd = TimeSpan.FromSeconds(30);

    private readonly IEdgeClient _client;

    /// <summary>A handle on an asynchronous invocation that was queued before. Nothing is sent.</summary>
    /// <param name="client">What to ask through.</param>
    /// <param name="id">Its id.</param>
    public InvocationHandle(IEdgeClient client, Guid id)
    {
        ArgumentNullException.ThrowIfNull(client);
        _client = client;
        Id = id;
    }

    /// <summary>Its id, which outlives this process.</summary>
    public Guid Id { get; }

    /// <summary>Asks how it is.</summary>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="EdgeException">With the code <c>invocation_not_found</c>: there is none with this id, or it has been forgotten.</exception>
    public Task<InvocationInfo> StatusAsync(CancellationToken cancellationToken = default) => _client.GetInvocationAsync(Id, default, cancellationToken);

    /// <summary>Waits until it has ended, however long that takes.</summary>
    /// <param name="cancellationToken">Ends the wait; the invocation goes on.</param>
    /// <exception cref="EdgeException">With the code <c>invocation_not_found</c>: there is none with this id, or it has been forgotten.</exception>
    public async Task<InvocationInfo> WaitAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            // A wait changes nothing, so it may be asked for again whatever happened to it.
            var invocation = await CallRetries.RunAsync(
                new CallOptions(),
                mayHaveBegun: true,
                cancel => _client.GetInvocationAsync(Id, WaitForEnd, cancel),
                cancellationToken).ConfigureAwait(false);
            if (invocation.HasEnded)
            {
                return invocation;
            }
        }
    }

    /// <summary>Waits for its response.</summary>
    /// <param name="cancellationToken">Ends the wait; the invocation goes on.</param>
    /// <returns>The bytes that the guest answered.</returns>
    /// <exception cref="EdgeException">
    /// It failed for good: the exception is that of its last attempt, as <see cref="IEdgeClient.InvokeAsync"/> would
    /// have thrown it. With the code <c>cancelled</c>: it was taken back.
    /// </exception>
    public async Task<byte[]> GetResultAsync(CancellationToken cancellationToken = default)
    {
        var invocation = await WaitAsync(cancellationToken).ConfigureAwait(false);
        return invocation.ResponseBytes()
            ?? throw (invocation.State != InvocationState.Cancelled && invocation.Fault is { } fault
                ? fault.ToException()
                : new EdgeException("cancelled", null, $"The invocation {Id} was cancelled."));
    }

    /// <summary>Takes it back; its guest is interrupted. One that has ended stays as it is.</summary>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>How it is now.</returns>
    /// <exception cref="EdgeException">With the code <c>invocation_not_found</c>: there is none with this id, or it has been forgotten.</exception>
    public Task<InvocationInfo> CancelAsync(CancellationToken cancellationToken = default) => _client.CancelInvocationAsync(Id, cancellationToken);
}
