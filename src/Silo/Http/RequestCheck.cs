using System.Buffers;
using HeliosEdge.Grains;
using HeliosEdge.Sandbox;
using HeliosEdge.Silo.Problems;
using Microsoft.AspNetCore.Http.Features;

namespace HeliosEdge.Silo.Http;

/// <summary>
/// Refuses requests that Kestrel takes although they can be read in two ways, or say what nobody here undoes, before any route sees them.
/// </summary>
internal static class RequestCheck
{
    private const string Http10 = "HTTP/1.0";

    // What Kestrel makes of a Content-Length that comes with a Transfer-Encoding.
    private const string SetAside = "X-Content-Length";

    private static readonly SearchValues<char> TargetCharacters =
        SearchValues.Create([.. Enumerable.Range('!', '~' - '!' + 1).Select(c => (char)c).Where(c => c != '#')]);

    public static void UseRequestCheck(this WebApplication app) =>
        app.Use(next => http => Fault(http) is { } fault ? RefuseAsync(http, fault) : next(http));

    private static Task RefuseAsync(HttpContext http, Problem fault)
    {
        // Where this request ends is part of what is not sure; in HTTP/2, where it is, the header is dropped.
        http.Response.Headers.Connection = "close";
        return http.WriteProblemAsync(fault);
    }

    private static Problem? Fault(HttpContext http)
    {
        var target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var at = target.AsSpan().IndexOfAnyExcept(TargetCharacters);
        if (at >= 0)
        {
            return Problem.Of(
                ErrorCodes.MalformedRequest,
                $"The request's target has the character U+{(int)target[at]:X4} at {at}, which must be percent-encoded in UTF-8{(target[at] == '#' ? "; a fragment is not sent" : string.Empty)}.");
        }

        var codings = http.Request.Headers.TransferEncoding;
        return codings.Count == 0 ? null
            : http.Request.Headers.ContainsKey(SetAside) ? Problem.Of(
                ErrorCodes.MalformedRequest, $"The request has Transfer-Encoding beside Content-Length or {SetAside}; one of them says where it ends.")
            : http.Request.Protocol == Http10 ? Problem.Of(ErrorCodes.MalformedRequest, $"The request has Transfer-Encoding, which {Http10} does not know.")
            : codings.Count == 1 && codings.ToString().Equals("chunked", StringComparison.OrdinalIgnoreCase) ? null
            : Problem.Of(
                ErrorCodes.NotImplemented, $"The request has the Transfer-Encoding \"{Names.Shorten(codings.ToString())}\"; only chunked is implemented.");
    }
}
