using System.Collections.Immutable;

namespace HeliosEdge.Sandbox.HostServices.Http;

/// <summary>What a server answered.</summary>
public sealed record OutboundHttpResponse
{
    /// <summary>The status, such as 200 or 503.</summary>
    public required int Status { get; init; }

    /// <summary>
    /// The headers, but for those that concern only the connection. Names are in lower case and unique: repeated ones are joined by
    /// <c>", "</c> (RFC 9110, section 5.3), <c>set-cookie</c>, for which that is not possible, by a line feed.
    /// </summary>
    public ImmutableArray<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>The body as it was sent: what is compressed stays so.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }
}
