namespace HeliosEdge.Client;

/// <summary>A durable fan-out. It runs whether or not anybody holds on to this.</summary>
public sealed class FanOutHandle
{
    private static readonly TimeSpan WaitForEnd = TimeSpan.FromSeconds(30);

    private readonly IEdgeClient _client;

    /// <summary>A handle on a durable fan-out that was queued before. Nothing is sent.</summary>
    /// <param name="client">What to ask through.</param>
    /// <param name="id">Its id.</param>
    public FanOutHandle(IEdgeClient client, Guid id)
    {
        ArgumentNullException.ThrowIfNull(client);
        _client = client;
        Id = id;
    }

    /// <summary>Its id, which outlives this process.</summary>
    public Guid Id { get; }

    /// <summary>Asks how it is.</summary>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="EdgeException">With the code <c>fanout_not_found</c>: there is none with this id, or it has been forgotten.</exception>
    public Task<FanOutInfo> StatusAsync(CancellationToken cancellationToken = default) => _client.GetFanOutAsync(Id, default, cancellationToken);

    /// <summary>Waits until it is decided, however long that takes.</summary>
    /// <param name="cancellationToken">Ends the wait; the fan-out goes on.</param>
    /// <exception cref="EdgeException">With the code <c>fanout_not_found</c>: there is none with this id, or it has been forgotten.</exception>
    public async Task<FanOutInfo> WaitAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var fanOut = await CallRetries.RunAsync(
                new CallOptions(), mayHaveBegun: true, cancel => _client.GetFanOutAsync(Id, WaitForEnd, cancel), cancellationToken).ConfigureAwait(false);
            if (fanOut.HasEnded)
            {
                return fanOut;
            }
        }
    }
}
