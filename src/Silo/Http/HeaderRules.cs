using System.Text;
using HeliosEdge.Grains;
using HeliosEdge.Sandbox.HostServices.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Net.Http.Headers;

namespace HeliosEdge.Silo.Http;

/// <summary>
/// What Kestrel is to be stricter about than it is by itself. It takes a sign before a <c>Content-Length</c>, separators in names of headers, and lines
/// that end in LF alone.
/// </summary>
internal static class HeaderRules
{
    private static readonly LengthDigits Digits = new();

    /// <summary>Sets the rules; before the server is made.</summary>
    public static void Apply(KestrelServerOptions kestrel)
    {
        AppContext.SetSwitch("Microsoft.AspNetCore.Server.Kestrel.DisableHttp1LineFeedTerminators", true);

        // Asked for how to read each header that is not the same as in the request before: the one place where a name is seen before it is taken.
        kestrel.RequestHeaderEncodingSelector = Select;
    }

    private static Encoding? Select(string header) =>
        header == HeaderNames.ContentLength ? Digits

        // Pseudo-headers of HTTP/2, which Kestrel knows all of, begin with a colon; in HTTP/1.1 a colon ends a name.
        : HttpToken.Is(header.AsSpan(header.StartsWith(':') ? 1 : 0)) ? null
        : throw new Microsoft.AspNetCore.Http.BadHttpRequestException($"The request has a header \"{Names.Shorten(header)}\", whose name is no token.");
}
