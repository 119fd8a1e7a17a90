using Orleans;

namespace HeliosEdge.Grains.Abstractions.Databases;

/// <summary>How statements are run.</summary>
[GenerateSerializer]
[Alias("HeliosEdge.DatabaseMode")]
public enum DatabaseMode
{
    /// <summary>One statement, which only reads; its rows are the answer.</summary>
    Query,

    /// <summary>One statement, which may change anything.</summary>
    Execute,

    /// <summary>Any number of statements, which may change anything, in one transaction: all or nothing.</summary>
    Batch,
}
