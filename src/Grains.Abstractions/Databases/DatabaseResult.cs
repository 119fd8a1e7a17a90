using Orleans;

namespace HeliosEdge.Grains.Abstractions.Databases;

/// <summary>What came of statements.</summary>
[GenerateSerializer]
[Immutable]
[Alias("HeliosEdge.DatabaseResult")]
public sealed record DatabaseResult
{
    /// <summary>
    /// <c>{"columns": ["a"], "rows": [[1]]}</c> of a query, <c>{"rowsAffected": 1, "lastInsertId": 7}</c> of an execution, an array of those of a batch;
    /// empty where it failed.
    /// </summary>
    [Id(0)]
    public ReadOnlyMemory<byte> Json { get; init; }

    /// <summary>Why it failed; null where it did not.</summary>
    [Id(1)]
    public DatabaseFault? Fault { get; init; }
}
