using System.Collections.Frozen;
using System.Collections.Immutable;
using HeliosEdge.Access.Keys;
using HeliosEdge.Grains;
using HeliosEdge.Grains.Abstractions.Functions;
using HeliosEdge.Sandbox;
using Microsoft.AspNetCore.Http.Features;

namespace HeliosEdge.Silo.Functions;

/// <summary>Takes from a request what is for the function.</summary>
internal static class HttpRequestHead
{
    private const string Prefix = "/fn/";
    private const string PlatformPrefix = "x-helios-";
    private const string Bearer = "Bearer ";

    // What is between the caller and the silo only; other names in Connection are not known, Kestrel keeps no more of it than "close". And "Proxy", which programs of CGI would take for a setting.
    private static readonly FrozenSet<string> Kept = new[]
    {
        "connection", "content-length", "expect", "http2-settings", "keep-alive", "proxy", "te", "trailer", "transfer-encoding", "upgrade",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The head of a request for a function.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/>: its path can be read in two ways.</exception>
    public static HttpCall Of(HttpContext http, string function)
    {
        var request = http.Request;
        var target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var (path, query) = Split(target, function);
        return new HttpCall
        {
            Method = request.Method,
            Path = path,
            Query = query,
            Headers = HeadersOf(request.Headers),
            Scheme = request.Scheme,
            Host = request.Host.Value ?? string.Empty,
            Protocol = request.Protocol,
            RemoteAddress = http.Connection.RemoteIpAddress?.ToString() ?? string.Empty,
        };
    }

    /// <summary>Takes path and query of a function from the target of a request, percent-encoded as they are.</summary>
    /// <param name="target">As it was sent.</param>
    /// <param name="function">The function that routing, which goes by the decoded path, found in it.</param>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/>: its path can be read in two ways.</exception>
    internal static (string Path, string Query) Split(string target, string function)
    {
        var mark = target.IndexOf('?', StringComparison.Ordinal);
        var (path, query) = mark < 0 ? (target, string.Empty) : (target[..mark], target[(mark + 1)..]);
        if (!path.StartsWith('/'))
        {
            // http://host/path, as it is sent to a proxy.
            var authority = path.IndexOf("://", StringComparison.Ordinal);
            var slash = authority < 0 ? -1 : path.IndexOf('/', authority + 3);
            path = slash < 0 ? string.Empty : path[slash..];
        }

        foreach (var segment in path.Split('/'))
        {
            var plain = Uri.UnescapeDataString(segment);
            if (plain is "." or ".." || plain.Contains('\0', StringComparison.Ordinal))
            {
                throw Refuse(path, $"the segment \"{segment}\"");
            }
        }

        var end = path.Length > Prefix.Length ? path.IndexOf('/', Prefix.Length) : -1;
        var name = path.Length > Prefix.Length ? path[Prefix.Length..(end < 0 ? path.Length : end)] : string.Empty;
        return path.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) && Uri.UnescapeDataString(name) == function
            ? (end < 0 ? string.Empty : path[end..], query)
            : throw Refuse(path, $"something before the name {function}");
    }

    private static SandboxException Refuse(string path, string what) => new(
        ErrorCodes.InvalidParameter, $"The path \"{Names.Shorten(path)}\" is not accepted, it has {what}; a path is /fn/, the function's name, and what the function gets, without . and .. as segments.");

    private static ImmutableArray<HttpField> HeadersOf(IHeaderDictionary headers)
    {
        var fields = ImmutableArray.CreateBuilder<HttpField>(headers.Count);
        foreach (var (sent, values) in headers)
        {
            var name = sent.ToLowerInvariant();
            if (Kept.Contains(name)
                || name.StartsWith("proxy-", StringComparison.Ordinal)
                || name.StartsWith(PlatformPrefix, StringComparison.Ordinal))
            {
                continue;
            }

            foreach (var value in values)
            {
                // Who the silo knows by something else may have sent a key beside it.
                if (value is not null && !(name == "authorization" && IsKey(value)))
                {
                    fields.Add(new HttpField(name, value));
                }
            }
        }

        return fields.ToImmutable();
    }

    private static bool IsKey(string authorization) =>
        authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
        && authorization.AsSpan(Bearer.Length).Trim().StartsWith(KeyText.Prefix, StringComparison.Ordinal);
}
