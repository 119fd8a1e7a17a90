using System.Collections.Immutable;
using Orleans;

namespace HeliosEdge.Grains.Abstractions.Databases;

/// <summary>What is to be done with the triggers of a database.</summary>
[GenerateSerializer]
[Immutable]
[Alias("HeliosEdge.TriggerOrder")]
public sealed record TriggerOrder
{
    /// <summary>The database's name in the region.</summary>
    [Id(0)]
    public required string Database { get; init; }

    /// <summary>What is to be done.</summary>
    [Id(1)]
    public required TriggerAction Action { get; init; }

    /// <summary>The trigger's name; null for <see cref="TriggerAction.List"/>.</summary>
    [Id(2)]
    public string? Name { get; init; }

    /// <summary>The table, for <see cref="TriggerAction.Put"/>.</summary>
    [Id(3)]
    public string? Table { get; init; }

    /// <summary>The events, for <see cref="TriggerAction.Put"/>.</summary>
    [Id(4)]
    public ImmutableArray<string> Events { get; init; } = [];

    /// <summary>The function that judges, for <see cref="TriggerAction.Put"/>.</summary>
    [Id(5)]
    public string? Function { get; init; }

    /// <summary>The condition, for <see cref="TriggerAction.Put"/>; null for none.</summary>
    [Id(6)]
    public string? When { get; init; }

    /// <summary>The columns, for <see cref="TriggerAction.Put"/>; empty for all.</summary>
    [Id(7)]
    public ImmutableArray<string> Columns { get; init; } = [];
}
