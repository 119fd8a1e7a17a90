using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace HeliosEdge.Sandbox.HostServices.Http;

/// <summary>
/// Reads the URLs of guests and of redirects by the URL standard (WHATWG), and not beyond what it calls valid where that decides who is asked.
/// What is judged is what is sent: one <see cref="Uri"/> has the host, the port and, untouched from then on, path and query.
/// </summary>
internal static class OutboundUrl
{
    /// <summary>Characters that one may have.</summary>
    public const int MaxLength = 8_192;

    private static readonly SearchValues<char> SchemeCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-.");

    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._");

    private static readonly SearchValues<char> Address6Characters = SearchValues.Create("ABCDEFabcdef0123456789:.");

    // What the standard has percent-encoded of ASCII beside controls and spaces, which never come this far. An escape stays as it is, also one that is none.
    private static readonly SearchValues<char> EncodedInPath = SearchValues.Create("\"#<>?^`{}");
    private static readonly SearchValues<char> EncodedInQuery = SearchValues.Create("\"#<>'");

    /// <summary>Reads an absolute URL, which has to be ASCII.</summary>
    /// <param name="text">The URL.</param>
    /// <param name="url">It, ready to be sent to.</param>
    /// <param name="why">What is wrong with it, to follow "a URL that".</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out Uri? url, [NotNullWhen(false)] out string? why)
    {
        url = null;
        var at = text.AsSpan().IndexOfAnyExceptInRange('!', '~');
        if (at >= 0)
        {
            // A surrogate that stands alone is told by its own number.
            var number = Rune.TryGetRuneAt(text, at, out var rune) ? rune.Value : text[at];
            why = $"has the character U+{number.ToString("X4", CultureInfo.InvariantCulture)} at {at}; "
                + (number > '~' + 1
                    ? "in its host letters outside ASCII are written as xn--…, elsewhere as the escapes of their UTF-8, such as %C3%A9"
                    : "spaces and control characters are written as escapes, such as %20");
            return false;
        }

        return TryParseAbsolute(text, out url, out why);
    }

    /// <summary>Reads what a redirect leads to: a URL of any kind, in which letters outside ASCII stand for the escapes of their UTF-8.</summary>
    /// <param name="from">What was asked for.</param>
    /// <param name="location">Where that is now.</param>
    /// <param name="url">It, ready to be sent to.</param>
    /// <param name="why">What is wrong with it, to follow "a URL that".</param>
    public static bool TryResolve(Uri from, string location, [NotNullWhen(true)] out Uri? url, [NotNullWhen(false)] out string? why)
    {
        url = null;
        if (location.Length > MaxLength)
        {
            why = $"has {location.Length} characters; the limit is {MaxLength}";
            return false;
        }

        if (location.AsSpan().IndexOfAnyInRange('\0', ' ') >= 0 || location.Contains('\u007F', StringComparison.Ordinal))
        {
            why = "is no URL, for it has spaces or control characters";
            return false;
        }

        var authority = $"{from.Scheme}://{from.Authority}";
        var path = from.PathAndQuery.AsSpan();
        path = path.IndexOf('?') is var query and >= 0 ? path[..query] : path;
        return location switch
        {
            [] or ['#', ..] => TryParseAbsolute(authority + from.PathAndQuery, out url, out why),
            ['?', ..] => TryParseAbsolute($"{authority}{path}{location}", out url, out why),
            ['/' or '\\', '/' or '\\', ..] => TryParseAbsolute($"{from.Scheme}:{location}", out url, out why),
            ['/' or '\\', ..] => TryParseAbsolute(authority + location, out url, out why),
            _ when HasScheme(location) => TryParseAbsolute(location, out url, out why),
            _ => TryParseAbsolute($"{authority}{path[..(path.LastIndexOf('/') + 1)]}{location}", out url, out why),
        };
    }

    private static bool HasScheme(ReadOnlySpan<char> text) =>
        text.IndexOf(':') is var colon and > 0 && char.IsAsciiLetter(text[0]) && !text[..colon].ContainsAnyExcept(SchemeCharacters);

    private static bool TryParseAbsolute(ReadOnlySpan<char> text, [NotNullWhen(true)] out Uri? url, [NotNullWhen(false)] out string? why)
    {
        url = null;
        if (!HasScheme(text))
        {
            why = "is not absolute";
            return false;
        }

        var colon = text.IndexOf(':');
        var scheme = text[..colon].ToString().ToLowerInvariant();
        if (scheme != Uri.UriSchemeHttp && scheme != Uri.UriSchemeHttps)
        {
            why = $"is of \"{Quoted.Of(scheme)}\", not of http or https";
            return false;
        }

        // In URLs of http a backslash is a slash. Fewer or more than two of them are still taken by the standard, though not as valid.
        var rest = text[(colon + 1)..];
        if (rest is not ['/' or '\\', '/' or '\\', ..])
        {
            why = $"is not absolute: {scheme}: is not followed by //";
            return false;
        }

        rest = rest[2..];
        var end = rest.IndexOfAny("/\\?#");
        var authority = end < 0 ? rest : rest[..end];
        if (!TryParseAuthority(authority, out var host, out var port, out why))
        {
            return false;
        }

        var target = TargetOf(end < 0 ? [] : rest[end..]);
        if (!Uri.TryCreate(
                $"{scheme}://{host}{(port is { } stated ? string.Create(CultureInfo.InvariantCulture, $":{stated}") : string.Empty)}{target}",
                new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true },
                out url)
            || url.HostNameType is not (UriHostNameType.Dns or UriHostNameType.IPv4 or UriHostNameType.IPv6)
            || url.UserInfo.Length > 0
            || url.PathAndQuery != target
            || !Ascii.IsValid(url.IdnHost))
        {
            url = null;
            why = $"is no URL, for its host \"{Quoted.Of(host.ToString())}\" is none";
            return false;
        }

        return true;
    }

    private static bool TryParseAuthority(
        ReadOnlySpan<char> authority, out ReadOnlySpan<char> host, out ushort? port, [NotNullWhen(false)] out string? why)
    {
        host = authority;
        port = null;
        if (authority.Contains('@'))
        {
            why = "has a user's name in it";
            return false;
        }

        var isAddress6 = authority is ['[', ..];
        var colon = isAddress6 ? authority.IndexOf("]:") + 1 : authority.IndexOf(':');
        if (colon > 0 || (colon == 0 && !isAddress6))
        {
            host = authority[..colon];
            var digits = authority[(colon + 1)..];
            if (!digits.IsEmpty)
            {
                if (!ushort.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var stated))
                {
                    why = $"has the port \"{Quoted.Of(digits.ToString())}\"; a port is a number from 0 to 65535";
                    return false;
                }

                port = stated;
            }
        }

        if (!Ascii.IsValid(host))
        {
            why = "has a host with letters outside ASCII; it must be written in its ASCII form, xn--…";
            return false;
        }

        var isHost = isAddress6
            ? host is ['[', _, .., ']'] && !host[1..^1].ContainsAnyExcept(Address6Characters)
            : !host.IsEmpty && !host.ContainsAnyExcept(NameCharacters);
        why = isHost ? null : $"is no URL, for its host \"{Quoted.Of(host.ToString())}\" is none";
        return isHost;
    }

    /// <summary>What is asked for of a host: path and query as the standard makes them of what follows the host.</summary>
    private static string TargetOf(ReadOnlySpan<char> text)
    {
        text = text.IndexOf('#') is var hash and >= 0 ? text[..hash] : text;
        var mark = text.IndexOf('?');
        var path = mark < 0 ? text : text[..mark];
        var target = new StringBuilder(text.Length + 1);
        var segments = new List<string>();
        if (!path.IsEmpty)
        {
            // The first of them is what stands before the slash that a path begins with.
            var given = path.ToString().Replace('\\', '/').Split('/');
            for (var i = 1; i < given.Length; i++)
            {
                var dots = DotsOf(given[i]);
                if (dots == 0)
                {
                    segments.Add(given[i]);
                    continue;
                }

                if (dots == 2 && segments.Count > 0)
                {
                    segments.RemoveAt(segments.Count - 1);
                }

                if (i == given.Length - 1)
                {
                    segments.Add(string.Empty);
                }
            }
        }

        foreach (var segment in segments)
        {
            Append(target.Append('/'), segment, EncodedInPath);
        }

        if (segments.Count == 0)
        {
            target.Append('/');
        }

        if (mark >= 0)
        {
            Append(target.Append('?'), text[(mark + 1)..], EncodedInQuery);
        }

        return target.ToString();
    }

    /// <summary>1 for a segment that means this folder, 2 for one that means the one above it, 0 for a name.</summary>
    private static int DotsOf(string segment) =>
        segment.Length is > 0 and <= 6 && segment.Replace("%2e", ".", StringComparison.OrdinalIgnoreCase) is { Length: <= 2 } plain && plain.All(c => c == '.')
            ? plain.Length
            : 0;

    private static void Append(StringBuilder to, ReadOnlySpan<char> text, SearchValues<char> encoded)
    {
        Span<byte> utf8 = stackalloc byte[4];
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.IsAscii && !encoded.Contains((char)rune.Value))
            {
                to.Append((char)rune.Value);
                continue;
            }

            foreach (var value in utf8[..rune.EncodeToUtf8(utf8)])
            {
                to.Append('%').Append(value.ToString("X2", CultureInfo.InvariantCulture));
            }
        }
    }
}
