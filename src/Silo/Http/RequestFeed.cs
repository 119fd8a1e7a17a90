using HeliosEdge.Grains.Http;
using HeliosEdge.Sandbox;
using HeliosEdge.Silo.Problems;

namespace HeliosEdge.Silo.Http;

/// <summary>Feeds a function with the body of a request while it comes. Nothing reads the request any more once this is disposed.</summary>
internal sealed class RequestFeed : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop;
    private readonly Task _feeding;

    /// <summary>Begins.</summary>
    /// <param name="http">The request, whose body is not read by anybody else.</param>
    /// <param name="to">Where the body goes.</param>
    /// <param name="limit">Bytes it may have.</param>
    public RequestFeed(HttpContext http, StreamedRequest to, int limit)
    {
        _stop = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        _feeding = to.FeedAsync(http.Request.Body, limit, _stop.Token);
    }

    /// <summary>Throws what was wrong with the body, if anything was.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.PayloadTooLarge"/>.</exception>
    /// <exception cref="BadHttpRequestException">It is no body of HTTP, or came too slowly.</exception>
    public void ThrowIfRefused()
    {
        if (_feeding.IsFaulted && _feeding.Exception.InnerException is { } e && (e is SandboxException or BadHttpRequestException || MalformedBody.Is(e)))
        {
            _feeding.GetAwaiter().GetResult();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _feeding.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }
}
