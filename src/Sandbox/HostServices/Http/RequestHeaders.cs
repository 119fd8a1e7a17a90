using System.Buffers;
using System.Collections.Frozen;

namespace HeliosEdge.Sandbox.HostServices.Http;

/// <summary>Which headers a guest may send, and in what form.</summary>
internal static class RequestHeaders
{
    public const int MaxCount = 100;
    public const int MaxTotal = 16_384;

    private static readonly SearchValues<char> ValueCharacters =
        SearchValues.Create(['\t', .. Enumerable.Range(' ', '~' - ' ' + 1).Select(c => (char)c)]);

    // What says where a message goes or where it ends is for the host to say.
    private static readonly FrozenSet<string> Forbidden = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "Connection",
        "Content-Length",
        "Expect",
        "Host",
        "HTTP2-Settings",
        "Keep-Alive",
        "TE",
        "Trailer",
        "Transfer-Encoding",
        "Upgrade");

    private static readonly FrozenSet<string> Credentials = FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "Authorization", "Cookie");

    /// <summary>True for what is meant for one server only, and not for another that it redirects to.</summary>
    public static bool IsCredential(string name) => Credentials.Contains(name);

    /// <summary>True for what describes a body, and is dropped with it.</summary>
    public static bool DescribesBody(string name) => name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase);

    /// <summary>True for what concerns only the connection that a response came by.</summary>
    public static bool IsHopByHop(string name) => IsForbidden(name) && !name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase);

    /// <summary>Checks a guest's headers.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.HttpRequestInvalid"/>, naming the header.</exception>
    public static void Check(IReadOnlyCollection<KeyValuePair<string, string>> headers)
    {
        if (headers.Count > MaxCount)
        {
            throw SandboxException.Breach(ErrorCodes.HttpRequestInvalid, "The HTTP request has", MaxCount, headers.Count, "headers");
        }

        var total = 0L;
        foreach (var (name, value) in headers)
        {
            if (!HttpToken.Is(name))
            {
                throw Refuse(name, "has a name that is no token (RFC 9110, 5.6.2)");
            }

            if (IsForbidden(name))
            {
                throw Refuse(name, "is the host's to set");
            }

            // Visible ASCII, spaces and tabs: no line ends, so nothing that could start another header or the body.
            if (value.AsSpan().ContainsAnyExcept(ValueCharacters))
            {
                throw Refuse(name, "has a value with characters other than visible ASCII, spaces and tabs");
            }

            total += name.Length + value.Length;
        }

        if (total > MaxTotal)
        {
            throw SandboxException.Breach(ErrorCodes.HttpRequestInvalid, "The HTTP request has headers of", MaxTotal, total, "bytes");
        }
    }

    private static bool IsForbidden(string name) => Forbidden.Contains(name) || name.StartsWith("Proxy-", StringComparison.OrdinalIgnoreCase);

    private static SandboxException Refuse(string name, string why) =>
        new(ErrorCodes.HttpRequestInvalid, $"The HTTP request's header \"{Quoted.Of(name)}\" {why}.");
}
