using System.Collections.Immutable;
using Orleans;

namespace HeliosEdge.Grains.Abstractions.Functions;

/// <summary>Why an invocation has no response.</summary>
[GenerateSerializer]
[Immutable]
[Alias("HeliosEdge.InvocationFault")]
public sealed record InvocationFault
{
    /// <summary>A stable error code.</summary>
    [Id(0)]
    public required string Code { get; init; }

    /// <summary>What happened, for people.</summary>
    [Id(1)]
    public required string Message { get; init; }

    /// <summary>The limit that was broken, where one was.</summary>
    [Id(2)]
    public long? Limit { get; init; }

    /// <summary>The value that broke it, where it is known.</summary>
    [Id(3)]
    public long? Value { get; init; }

    /// <summary>The guest's calls, innermost first; empty where it did not trap.</summary>
    [Id(4)]
    public ImmutableArray<string> Backtrace { get; init; } = [];
}
