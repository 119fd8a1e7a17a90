using System.Collections.Immutable;

namespace HeliosEdge.Sandbox.Abi.Http;

/// <summary>The head of an HTTP request that a guest is to answer.</summary>
public sealed record GuestRequest
{
    /// <summary>The method, as it was sent.</summary>
    public required string Method { get; init; }

    /// <summary>What follows the function's name in the path, percent-encoded as it was sent; empty, or beginning with a slash.</summary>
    public required string Path { get; init; }

    /// <summary>The query as it was sent, without its question mark; empty if there is none.</summary>
    public required string Query { get; init; }

    /// <summary>The headers that are for the function, in the order in which they came; a name may be there several times.</summary>
    public required ImmutableArray<GuestHeader> Headers { get; init; }

    /// <summary><c>http</c> or <c>https</c>.</summary>
    public required string Scheme { get; init; }

    /// <summary>The host that the request is for, with its port where one is stated; empty if none is.</summary>
    public required string Host { get; init; }

    /// <summary>Such as <c>HTTP/1.1</c>.</summary>
    public required string Protocol { get; init; }

    /// <summary>The address that the request came from; empty if it is not known.</summary>
    public required string RemoteAddress { get; init; }
}
