using Orleans;

namespace HeliosEdge.Grains.Abstractions.Databases;

/// <summary>Why statements were not carried out.</summary>
[GenerateSerializer]
[Immutable]
[Alias("HeliosEdge.DatabaseFault")]
public sealed record DatabaseFault
{
    /// <summary>A stable error code.</summary>
    [Id(0)]
    public required string Code { get; init; }

    /// <summary>What happened, for people.</summary>
    [Id(1)]
    public required string Message { get; init; }

    /// <summary>The SQLSTATE of PostgreSQL, or the one that comes nearest; null where no database was asked.</summary>
    [Id(2)]
    public string? SqlState { get; init; }

    /// <summary>Where in the statement, in characters from 1; null where nobody knows.</summary>
    [Id(3)]
    public int? Position { get; init; }

    /// <summary>Which statement of a batch, counted from 0; null for no single one.</summary>
    [Id(4)]
    public int? Statement { get; init; }

    /// <summary>The limit that was broken, where one was.</summary>
    [Id(5)]
    public long? Limit { get; init; }

    /// <summary>The value that broke it, where it is known.</summary>
    [Id(6)]
    public long? Value { get; init; }
}
