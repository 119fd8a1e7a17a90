using Orleans;

namespace HeliosEdge.Grains.Abstractions.Functions;

/// <summary>Which functions are wanted of a listing that is sorted by name, compared by ordinal.</summary>
[GenerateSerializer]
[Immutable]
[Alias("HeliosEdge.FunctionQuery")]
public sealed record FunctionQuery
{
    /// <summary>The most functions of a page.</summary>
    public const int MaxLimit = 1_000;

    /// <summary>Only functions whose names start with this.</summary>
    [Id(0)]
    public string Prefix { get; init; } = "";

    /// <summary>Only functions whose names come after this one; null for all from the first on.</summary>
    [Id(1)]
    public string? After { get; init; }

    /// <summary>How many at most.</summary>
    [Id(2)]
    public int Limit { get; init; } = MaxLimit;
}
