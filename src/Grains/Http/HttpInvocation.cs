using System.Collections.Immutable;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Grains.Functions;
using HeliosEdge.Grains.Placement;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Abi;
using HeliosEdge.Sandbox.Abi.Http;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Invocations;

namespace HeliosEdge.Grains.Http;

/// <summary>Has a guest answer an HTTP request, between what grains send each other and what the sandbox takes.</summary>
internal static class HttpInvocation
{
    /// <summary>Runs the guest and reads its answer.</summary>
    /// <returns>The head, and the body unless it was streamed.</returns>
    /// <exception cref="SandboxException">As <see cref="IGuestAbi.Answer"/>.</exception>
    public static (HttpAnswer Head, ReadOnlyMemory<byte> Body) Run(
        FunctionInvoker function,
        ICompiledModule module,
        HttpCall request,
        ReadOnlyMemory<byte> body,
        StreamedResponse? stream,
        SandboxScope scope,
        CancellationToken cancellation)
    {
        var exchange = new HttpExchange(ToGuest(request), body)
        {
            Coming = stream?.Request?.Body,
            ComingBytes = stream?.Request?.Length,
            Begin = stream is null ? null : head => stream.Begin(new PlacedInvocation(
                scope.Region, new InvocationResult { Http = FromGuest(head), Module = function.Module, Version = function.Version, Engine = function.Engine })),
        };
        var (answer, whole) = function.Abi.Answer(module, function.Entry, exchange, scope, cancellation);
        return (FromGuest(answer), whole);
    }

    private static GuestRequest ToGuest(HttpCall call) => new()
    {
        Method = call.Method,
        Path = call.Path,
        Query = call.Query,
        Headers = ImmutableArray.CreateRange(call.Headers, field => new GuestHeader(field.Name, field.Value)),
        Scheme = call.Scheme,
        Host = call.Host,
        Protocol = call.Protocol,
        RemoteAddress = call.RemoteAddress,
    };

    private static HttpAnswer FromGuest(GuestResponse head) => new()
    {
        Status = head.Status,
        Headers = ImmutableArray.CreateRange(head.Headers, header => new HttpField(header.Name, header.Value)),
        StatedLength = head.StatedLength,
    };
}
