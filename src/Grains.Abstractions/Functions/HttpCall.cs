using System.Collections.Immutable;
using Orleans;

namespace HeliosEdge.Grains.Abstractions.Functions;

/// <summary>The head of an HTTP request that a function is to answer; the body is the call's payload.</summary>
[GenerateSerializer]
[Immutable]
[Alias("HeliosEdge.HttpCall")]
public sealed record HttpCall
{
    /// <summary>The method, as it was sent.</summary>
    [Id(0)]
    public required string Method { get; init; }

    /// <summary>What follows the function's name in the path, percent-encoded as it was sent; empty, or beginning with a slash.</summary>
    [Id(1)]
    public required string Path { get; init; }

    /// <summary>The query as it was sent, without its question mark; empty if there is none.</summary>
    [Id(2)]
    public required string Query { get; init; }

    /// <summary>The headers that are for the function, in the order in which they came; a name may be there several times.</summary>
    [Id(3)]
    public required ImmutableArray<HttpField> Headers { get; init; }

    /// <summary><c>http</c> or <c>https</c>.</summary>
    [Id(4)]
    public required string Scheme { get; init; }

    /// <summary>The host that the request is for, with its port where one is stated; empty if none is.</summary>
    [Id(5)]
    public required string Host { get; init; }

    /// <summary>Such as <c>HTTP/1.1</c>.</summary>
    [Id(6)]
    public required string Protocol { get; init; }

    /// <summary>The address that the request came from; empty if it is not known.</summary>
    [Id(7)]
    public required string RemoteAddress { get; init; }
}
