using System.Buffers;
using HeliosEdge.Sandbox.Abi.Http;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Invocations;

namespace HeliosEdge.Sandbox.Abi.Envelopes;

/// <summary>HTTP for ABIs whose guests take one message and give one: request and response are JSON.</summary>
internal static class EnvelopeExchange
{
    /// <summary>Runs a guest on a request and reads its answer.</summary>
    /// <exception cref="SandboxException">
    /// <see cref="ErrorCodes.PayloadTooLarge"/>: the request is too large once it is JSON; <see cref="ErrorCodes.InvalidHttpResponse"/>; or what
    /// <see cref="IGuestAbi.Invoke"/> throws.
    /// </exception>
    public static HttpResult Answer(
        IGuestAbi abi, ICompiledModule module, string entry, HttpExchange exchange, SandboxScope scope, CancellationToken cancellation)
    {
        var envelope = RequestEnvelope.Write(exchange.Request, exchange.Body.Span);
        if (envelope.Length > scope.Limits.MaxPayloadBytes)
        {
            throw new SandboxException(
                ErrorCodes.PayloadTooLarge, $"The request's envelope has {envelope.Length} bytes; the limit of the payload is {scope.Limits.MaxPayloadBytes} bytes.")
            {
                Limit = scope.Limits.MaxPayloadBytes,
                Value = envelope.Length,
            };
        }

        var response = new ArrayBufferWriter<byte>();
        abi.Invoke(module, entry, envelope.Span, scope.Limits, response, scope, cancellation);
        var (head, body) = ResponseEnvelope.Parse(response.WrittenSpan);
        return new HttpResult(head, body);
    }
}
