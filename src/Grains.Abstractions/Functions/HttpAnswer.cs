using System.Collections.Immutable;
using Orleans;

namespace HeliosEdge.Grains.Abstractions.Functions;

/// <summary>The head of the HTTP response that a function gave; the body is the result's response.</summary>
[GenerateSerializer]
[Immutable]
[Alias("HeliosEdge.HttpAnswer")]
public sealed record HttpAnswer
{
    /// <summary>The status, from 200 to 599.</summary>
    [Id(0)]
    public required int Status { get; init; }

    /// <summary>The headers, checked; a name may be there several times.</summary>
    [Id(1)]
    public required ImmutableArray<HttpField> Headers { get; init; }

    /// <summary>The <c>Content-Length</c> that the function stated, for responses that say it without having the body; null if it stated none.</summary>
    [Id(2)]
    public long? StatedLength { get; init; }

    /// <summary>Whether responses with this status have a body (RFC 9110).</summary>
    public bool MayHaveBody() => Status is not (204 or 205 or 304);
}
