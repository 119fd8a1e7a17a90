using System.Buffers;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Abi;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Invocations;

namespace HeliosEdge.Grains.Http;

/// <summary>Has a guest answer an HTTP request, in the form that its ABI has for this.</summary>
internal static class HttpInvocation
{
    /// <summary>Runs the guest and reads its answer.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidHttpResponse"/>, or what <see cref="IGuestAbi.Invoke"/> throws.</exception>
    public static (HttpAnswer Head, ReadOnlyMemory<byte> Body) Run(
        IGuestAbi abi,
        ICompiledModule module,
        string entry,
        HttpCall request,
        ReadOnlyMemory<byte> body,
        SandboxScope scope,
        CancellationToken cancellation)
    {
        var response = new ArrayBufferWriter<byte>();
        if (abi is WasiAbi)
        {
            var variables = CgiVariables.Of(request, scope.Function, body.Length);
            abi.Invoke(module, entry, body.Span, scope.Limits, response, scope.With(variables), cancellation);
            return CgiResponse.Parse(response.WrittenMemory);
        }

        var envelope = RequestEnvelope.Write(request, body.Span);
        if (envelope.Length > scope.Limits.MaxPayloadBytes)
        {
            throw new SandboxException(
                ErrorCodes.PayloadTooLarge, $"The request's envelope has {envelope.Length} bytes; the limit of the payload is {scope.Limits.MaxPayloadBytes} bytes.")
            {
                Limit = scope.Limits.MaxPayloadBytes,
                Value = envelope.Length,
            };
        }

        abi.Invoke(module, entry, envelope.Span, scope.Limits, response, scope, cancellation);
        return ResponseEnvelope.Parse(response.WrittenSpan);
    }
}
