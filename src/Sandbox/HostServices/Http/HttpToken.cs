using System.Buffers;

namespace HeliosEdge.Sandbox.HostServices.Http;

/// <summary>Tokens of RFC 9110, section 5.6.2: what names of methods and headers consist of.</summary>
public static class HttpToken
{
    private static readonly SearchValues<char> Characters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>True for a token; it has at least one character.</summary>
    public static bool Is(ReadOnlySpan<char> text) => !text.IsEmpty && !text.ContainsAnyExcept(Characters);
}
