using System.Collections.Immutable;
using Orleans;

namespace HeliosEdge.Grains.Abstractions.Functions;

/// <summary>A registered function.</summary>
[GenerateSerializer]
[Immutable]
[Alias("HeliosEdge.FunctionDescription")]
public sealed record FunctionDescription
{
    /// <summary>Its name.</summary>
    [Id(0)]
    public required string Name { get; init; }

    /// <summary>The hash of its module.</summary>
    [Id(1)]
    public required string Module { get; init; }

    /// <summary>The guest ABI, such as <c>helios-1</c>.</summary>
    [Id(2)]
    public required string Abi { get; init; }

    /// <summary>The export that is called.</summary>
    [Id(3)]
    public required string Entry { get; init; }

    /// <summary>The regions that serve it, sorted; never empty.</summary>
    [Id(4)]
    public required ImmutableArray<string> Regions { get; init; }

    /// <summary>What each invocation may use.</summary>
    [Id(5)]
    public required FunctionLimits Limits { get; init; }

    /// <summary>The preset that its capabilities are based on.</summary>
    [Id(6)]
    public string Profile { get; init; } = "minimal";

    /// <summary>What it may do, the profile's and what was added to it, sorted.</summary>
    [Id(7)]
    public ImmutableArray<string> Capabilities { get; init; } = [];
}
