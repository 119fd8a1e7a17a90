using System.Collections.Immutable;

namespace HeliosEdge.Sandbox.Abi.Http;

/// <summary>The head of the HTTP response that a guest gave.</summary>
public sealed record GuestResponse
{
    /// <summary>The status, from 200 to 599.</summary>
    public required int Status { get; init; }

    /// <summary>The headers, checked; a name may be there several times.</summary>
    public required ImmutableArray<GuestHeader> Headers { get; init; }

    /// <summary>The <c>Content-Length</c> that the guest stated, for responses that say it without having the body; null if it stated none.</summary>
    public long? StatedLength { get; init; }

    /// <summary>Whether responses with this status have a body (RFC 9110).</summary>
    public bool MayHaveBody => Status is not (204 or 205 or 304);
}
