using System.Collections.Immutable;
using HeliosEdge.Sandbox.HostServices.Http;

namespace HeliosEdge.Sandbox.Tests.Http;

/// <summary>For tests that are not about who sends a request.</summary>
internal static class AnySender
{
    public static OutboundHttpSender Of(ImmutableArray<AllowedHost> allowed) => new("f", "eu", allowed, int.MaxValue);

    public static OutboundHttpResponse Send(
        this IOutboundHttp http, OutboundHttpRequest request, ImmutableArray<AllowedHost> allowed, TimeSpan patience) =>
        http.Send(request, Of(allowed), patience);
}
