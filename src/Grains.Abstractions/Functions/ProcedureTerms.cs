using Orleans;

namespace HeliosEdge.Grains.Abstractions.Functions;

/// <summary>What makes a function a procedure: each of its calls is one transaction in a database.</summary>
[GenerateSerializer]
[Immutable]
[Alias("HeliosEdge.ProcedureTerms")]
public sealed record ProcedureTerms
{
    /// <summary>The database's name in the region where it runs.</summary>
    [Id(0)]
    public required string Database { get; init; }

    /// <summary><c>read_only</c> or <c>read_write</c>.</summary>
    [Id(1)]
    public required string Mode { get; init; }

    /// <summary><c>default</c>, <c>read_committed</c>, <c>repeatable_read</c> or <c>serializable</c>.</summary>
    [Id(2)]
    public required string Isolation { get; init; }

    /// <summary>How often it is run again where other transactions were in its way.</summary>
    [Id(3)]
    public required int Retries { get; init; }

    /// <summary>What makes it a function of SQL as well; null where it is none.</summary>
    [Id(4)]
    public SqlFunctionTerms? Sql { get; init; }
}
