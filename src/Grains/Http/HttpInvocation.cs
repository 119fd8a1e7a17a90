using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Grains.Placement;
using HeliosEdge.Sandbox.Abi.Wasi;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Abi;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Invocations;

namespace HeliosEdge.Grains.Http;

/// <summary>Has a guest answer an HTTP request, in the form that its ABI has for this.</summary>
internal static class HttpInvocation
{
    /// <summary>Runs the guest and reads its answer.</summary>
    /// <returns>The head, and the body unless it was streamed.</returns>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidHttpResponse"/>, or what <see cref="IGuestAbi.Invoke"/> throws.</exception>
    public static (HttpAnswer Head, ReadOnlyMemory<byte> Body) Run(
        FunctionInvoker function,
        ICompiledModule module,
        HttpCall request,
        ReadOnlyMemory<byte> body,
        StreamedResponse? stream,
        SandboxScope scope,
        CancellationToken cancellation)
    {
        if (function.Abi is WasiAbi wasi)
        {
            var variables = scope.With(CgiVariables.Of(request, scope.Function, stream?.Request is { } coming ? coming.Length : body.Length));
            return stream is not null
                ? (RunStreamed(wasi, function, module, stream, body, variables, cancellation), default)
                : CgiResponse.Parse(Invoke(function, module, body, variables, cancellation));
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

        return ResponseEnvelope.Parse(Invoke(function, module, envelope, scope, cancellation).Span);
    }

    private static ReadOnlyMemory<byte> Invoke(
        FunctionInvoker function, ICompiledModule module, ReadOnlyMemory<byte> payload, SandboxScope scope, CancellationToken cancellation)
    {
        var response = new ResponseBuffer();
        function.Abi.Invoke(module, function.Entry, payload.Span, scope.Limits, response, scope, cancellation);
        return response.Written;
    }

    private static HttpAnswer RunStreamed(
        WasiAbi wasi,
        FunctionInvoker function,
        ICompiledModule module,
        StreamedResponse stream,
        ReadOnlyMemory<byte> body,
        SandboxScope scope,
        CancellationToken cancellation)
    {
        using var output = new CgiOutput(
            scope.Limits,
            head => stream.Begin(new PlacedInvocation(
                scope.Region, new InvocationResult { Http = head, Module = function.Module, Version = function.Version })),
            cancellation);
        if (stream.Request is not { } request)
        {
            wasi.Run(module, function.Entry, body.Span, output, scope.Limits, scope, cancellation);
            return output.End();
        }

        using var input = new CgiInput(request.Body, scope.Limits, cancellation);
        wasi.Run(module, function.Entry, input, input.IsReadable, output, scope.Limits, scope, cancellation);
        return output.End();
    }
}
