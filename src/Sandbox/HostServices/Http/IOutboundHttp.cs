using HeliosEdge.Sandbox.Invocations;

namespace HeliosEdge.Sandbox.HostServices.Http;

/// <summary>Sends the HTTP requests of guests. Used by many threads.</summary>
public interface IOutboundHttp : IHostService
{
    /// <summary>Bytes of the largest request body that <see cref="Send"/> takes, so that a caller need not copy a larger one.</summary>
    int MaxRequestBytes { get; }

    /// <summary>
    /// Sends a request, follows redirects and waits for the whole response. Whatever status the last server answers with is a
    /// response; 500 is no failure.
    /// </summary>
    /// <param name="request">The request, as a guest made it: nothing about it is trusted. Its body must not change, even after this returned.</param>
    /// <param name="sender">Whose request it is.</param>
    /// <param name="patience">The time that it may take.</param>
    /// <param name="cancellationToken">Takes the guest's call back, which ends the request as its time does.</param>
    /// <exception cref="SandboxException">
    /// <see cref="ErrorCodes.HttpRequestInvalid"/>, <see cref="ErrorCodes.HttpRequestTooLarge"/>,
    /// <see cref="ErrorCodes.HttpHostDenied"/>, <see cref="ErrorCodes.HttpRequestsExceeded"/>, <see cref="ErrorCodes.HttpAddressDenied"/>,
    /// <see cref="ErrorCodes.HttpFailed"/> or <see cref="ErrorCodes.HttpResponseTooLarge"/>. Messages are fit for the function's log.
    /// </exception>
    /// <exception cref="TimeoutException">No whole response within <paramref name="patience"/>, or the call was taken back before.</exception>
    OutboundHttpResponse Send(OutboundHttpRequest request, OutboundHttpSender sender, TimeSpan patience, CancellationToken cancellationToken = default);
}
