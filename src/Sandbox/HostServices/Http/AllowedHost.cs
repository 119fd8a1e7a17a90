using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace HeliosEdge.Sandbox.HostServices.Http;

/// <summary>
/// A host that outbound HTTP may reach: a name (<c>api.example.com</c>), all names below one (<c>*.example.com</c>, which does not
/// include <c>example.com</c>) or an address (<c>192.0.2.1</c>, <c>[2001:db8::1]</c>). With a port, that port; without one,
/// the port of the scheme: 80 or 443.
/// </summary>
public sealed record AllowedHost
{
    /// <summary>Characters of the longest one: a name of 253, a wildcard and a port.</summary>
    public const int MaxLength = 253 + 2 + 6;

    private const int MaxName = 253;
    private const int MaxLabel = 63;

    private static readonly SearchValues<char> LabelCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-_");

    private AllowedHost(string name, bool isWildcard, int? port)
    {
        Name = name;
        IsWildcard = isWildcard;
        Port = port;
    }

    /// <summary>The name in lower case without the wildcard, or the address in its shortest form, without brackets.</summary>
    public string Name { get; }

    /// <summary>True if every name below <see cref="Name"/> is meant, however deep, and not that name itself.</summary>
    public bool IsWildcard { get; }

    /// <summary>The only port; null for that of the scheme.</summary>
    public int? Port { get; }

    /// <summary>Reads one as a registration states it.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/>, saying what is wrong with it.</exception>
    public static AllowedHost Parse(string text)
    {
        if (text.Length is 0 or > MaxLength)
        {
            throw Refuse(text, $"has {text.Length} characters; there must be 1 to {MaxLength}");
        }

        var host = text.AsSpan();
        var isAddress6 = host[0] == '[';
        var colon = isAddress6 ? host.IndexOf("]:") + 1 : host.IndexOf(':');
        int? port = null;
        if (colon > 0)
        {
            port = ParsePort(text, host[(colon + 1)..]);
            host = host[..colon];
        }

        if (isAddress6)
        {
            return new AllowedHost(ParseAddress6(text, host), isWildcard: false, port);
        }

        var isWildcard = host.StartsWith("*.");
        var name = host[(isWildcard ? 2 : 0)..].ToString().ToLowerInvariant();
        var isAddress = CheckName(text, name);
        if (isWildcard && (isAddress || !name.Contains('.', StringComparison.Ordinal)))
        {
            throw Refuse(text, "has a wildcard that stands for too much; it may only stand before a name of two labels or more");
        }

        return new AllowedHost(name, isWildcard, port);
    }

    /// <summary>True if a URL of <c>http</c> or <c>https</c> leads to this host.</summary>
    public bool Matches(Uri url)
    {
        ArgumentNullException.ThrowIfNull(url);
        if (url.Port != (Port ?? (url.Scheme == Uri.UriSchemeHttps ? 443 : 80)))
        {
            return false;
        }

        // A trailing dot makes a name absolute, which the names here are anyway.
        var host = url.IdnHost.AsSpan();
        host = host.EndsWith('.') ? host[..^1] : host;
        return !IsWildcard ? host.Equals(Name, StringComparison.OrdinalIgnoreCase)
            : host.Length > Name.Length + 1
                && host[^(Name.Length + 1)] == '.'
                && host.EndsWith(Name, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The host as a registration would state it.</summary>
    public override string ToString()
    {
        var name = Name.Contains(':', StringComparison.Ordinal) ? $"[{Name}]" : IsWildcard ? $"*.{Name}" : Name;
        return Port is { } port ? string.Create(CultureInfo.InvariantCulture, $"{name}:{port}") : name;
    }

    private static int ParsePort(string text, ReadOnlySpan<char> digits) =>
        digits.Length is >= 1 and <= 5 && digits[0] != '0' && ushort.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            ? port
            : throw Refuse(text, $"has the port \"{Quoted.Of(digits.ToString())}\"; a port is a number from 1 to 65535");

    private static string ParseAddress6(string text, ReadOnlySpan<char> host) =>
        host[^1] == ']' && !host.Contains('%') && IPAddress.TryParse(host[1..^1], out var address)
        && address.AddressFamily == AddressFamily.InterNetworkV6
            ? new Uri($"http://[{address}]/").IdnHost
            : throw Refuse(text, "is no IPv6 address in brackets");

    /// <summary>Checks a name, or an IPv4 address.</summary>
    /// <returns>True if it is an address.</returns>
    private static bool CheckName(string text, string name)
    {
        if (name.Length is 0 or > MaxName)
        {
            throw Refuse(text, $"has a name of {name.Length} characters; there must be 1 to {MaxName}");
        }

        var labels = name.Split('.');
        foreach (var label in labels)
        {
            if (label.Length is 0 or > MaxLabel || label[0] == '-' || label[^1] == '-' || label.AsSpan().ContainsAnyExcept(LabelCharacters))
            {
                throw Refuse(
                    text,
                    $"has the label \"{Quoted.Of(label)}\"; a label is 1 to {MaxLabel} letters, digits, hyphens and underscores, with no hyphen at its ends "
                    + "(names of other letters are written in their ASCII form, xn--…)");
            }
        }

        // What ends in a number is an address (WHATWG URL, 3.5): 2130706433 and 0x7f.1 are other ways to write 127.0.0.1.
        if (!labels[^1].StartsWith("0x", StringComparison.Ordinal) && labels[^1].AsSpan().ContainsAnyExceptInRange('0', '9'))
        {
            return false;
        }

        return IPAddress.TryParse(name, out var address) && address.ToString() == name
            ? true
            : throw Refuse(text, "ends in a number and is no IPv4 address in the usual form, such as 192.0.2.1");
    }

    private static SandboxException Refuse(string text, string why) =>
        new(ErrorCodes.InvalidParameter, $"The allowed host \"{Quoted.Of(text)}\" {why}.");
}
