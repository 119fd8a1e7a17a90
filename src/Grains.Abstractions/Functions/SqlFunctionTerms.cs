using Orleans;

namespace HeliosEdge.Grains.Abstractions.Functions;

/// <summary>What makes a procedure a function of SQL as well, in the SQLite database of its regions.</summary>
[GenerateSerializer]
[Immutable]
[Alias("HeliosEdge.SqlFunctionTerms")]
public sealed record SqlFunctionTerms
{
    /// <summary><c>scalar</c> or <c>aggregate</c>.</summary>
    [Id(0)]
    public required string Kind { get; init; }

    /// <summary>How many arguments it takes; -1 for any number.</summary>
    [Id(1)]
    public required int Arguments { get; init; }

    /// <summary>Whether the same arguments always give the same result.</summary>
    [Id(2)]
    public required bool Deterministic { get; init; }
}
