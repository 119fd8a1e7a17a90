using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using HeliosEdge.Sandbox.Invocations;
using HeliosEdge.Sandbox.Memory;
using HeliosEdge.Sandbox.Security;
using static HeliosEdge.Sandbox.Engines.HostValueKind;

namespace HeliosEdge.Sandbox.HostServices.Http;

/// <summary>The host function that sends HTTP requests.</summary>
internal static class HttpFunctions
{
    public static ImmutableArray<HostServiceFunction> All { get; } =
    [
        HostServiceFunction.Of("http_fetch", [I32, I32, I32, I32, I32, I32], Capability.HttpOutbound, Fetch),
    ];

    private static int Fetch(SandboxContext context, GuestMemory memory, ReadOnlySpan<long> arguments)
    {
        var output = new GuestOutput((uint)arguments[4], (uint)arguments[5]);
        if (output.Check(memory) is var refused && refused != HostResult.Success)
        {
            return refused;
        }

        var scope = context.Scope;
        if (scope.Find<IOutboundHttp>() is not { } http)
        {
            context.Explain("http_fetch failed: there is no outbound HTTP here.");
            return HostResult.Failed;
        }

        var json = Encoding.UTF8.GetBytes(memory.ReadString((uint)arguments[0], (uint)arguments[1]));
        memory.Check((uint)arguments[2], (uint)arguments[3]);
        if ((uint)arguments[3] > (uint)http.MaxRequestBytes)
        {
            return HostResult.TooLong;
        }

        var body = memory.ReadBytes((uint)arguments[2], (uint)arguments[3]);
        OutboundHttpResponse response;
        try
        {
            response = http.Send(OutboundHttpRequest.Parse(json, body), OutboundHttpSender.Of(scope), context.Remaining, context.Cancellation);
        }
        catch (SandboxException e)
        {
            context.Explain($"http_fetch failed: {e.Message}");
            return e.Code switch
            {
                ErrorCodes.HttpHostDenied or ErrorCodes.HttpAddressDenied => HostResult.CapabilityDenied,
                ErrorCodes.HttpRequestTooLarge => HostResult.TooLong,
                ErrorCodes.HttpRequestsExceeded => HostResult.TooManyRequests,
                _ => HostResult.Failed,
            };
        }

        return output.Give(memory, Answer(response));
    }

    /// <summary>The length of the head, little-endian in four bytes, the head, and the body as it came.</summary>
    private static ReadOnlySpan<byte> Answer(OutboundHttpResponse response)
    {
        using var answer = new MemoryStream(response.Body.Length + 1_024);
        answer.Write(stackalloc byte[sizeof(uint)]);
        using (var writer = new Utf8JsonWriter(answer))
        {
            writer.WriteStartObject();
            writer.WriteNumber("status", response.Status);
            writer.WriteStartObject("headers");
            foreach (var (name, value) in response.Headers)
            {
                writer.WriteString(name, value);
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        BinaryPrimitives.WriteUInt32LittleEndian(answer.GetBuffer(), (uint)answer.Length - sizeof(uint));
        answer.Write(response.Body.Span);
        return answer.GetBuffer().AsSpan(0, (int)answer.Length);
    }
}
