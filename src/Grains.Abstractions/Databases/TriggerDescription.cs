using System.Collections.Immutable;
using Orleans;

namespace HeliosEdge.Grains.Abstractions.Databases;

/// <summary>A trigger as it is now.</summary>
[GenerateSerializer]
[Immutable]
[Alias("HeliosEdge.TriggerDescription")]
public sealed record TriggerDescription
{
    /// <summary>Its name.</summary>
    [Id(0)]
    public required string Name { get; init; }

    /// <summary>Its database.</summary>
    [Id(1)]
    public required string Database { get; init; }

    /// <summary>Its table.</summary>
    [Id(2)]
    public required string Table { get; init; }

    /// <summary>What it judges, such as <c>before_insert</c>, sorted.</summary>
    [Id(3)]
    public required ImmutableArray<string> Events { get; init; }

    /// <summary>The function that judges.</summary>
    [Id(4)]
    public required string Function { get; init; }

    /// <summary>The condition without which it is not asked; null for none.</summary>
    [Id(5)]
    public string? When { get; init; }

    /// <summary>The columns that the function gets; empty for all.</summary>
    [Id(6)]
    public ImmutableArray<string> Columns { get; init; } = [];

    /// <summary>Whether it judges.</summary>
    [Id(7)]
    public required bool Enabled { get; init; }

    /// <summary>Rows that the function was asked about since the silo began.</summary>
    [Id(8)]
    public long Fired { get; init; }

    /// <summary>Rows that it rejected since then.</summary>
    [Id(9)]
    public long Rejected { get; init; }

    /// <summary>Rows that were refused since then because it failed.</summary>
    [Id(10)]
    public long Failed { get; init; }

    /// <summary>What was said of the last of these; null for none.</summary>
    [Id(11)]
    public string? LastError { get; init; }
}
