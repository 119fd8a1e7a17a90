using System.Collections.Immutable;
using Orleans;

namespace HeliosEdge.Grains.Abstractions.Databases;

/// <summary>Statements that are to be run in a database.</summary>
[GenerateSerializer]
[Immutable]
[Alias("HeliosEdge.DatabaseOrder")]
public sealed record DatabaseOrder
{
    /// <summary>The database's name in the region.</summary>
    [Id(0)]
    public required string Database { get; init; }

    /// <summary>How they are run.</summary>
    [Id(1)]
    public required DatabaseMode Mode { get; init; }

    /// <summary>The statements; one, unless it is a batch.</summary>
    [Id(2)]
    public required ImmutableArray<DatabaseStatement> Statements { get; init; }

    /// <summary>Milliseconds that the caller will wait; null for no matter how many.</summary>
    [Id(3)]
    public int? PatienceMs { get; init; }
}
