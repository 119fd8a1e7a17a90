namespace HeliosEdge.Client;

/// <summary>A procedure that is registered on a silo.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Database">The database in which each call is a transaction.</param>
/// <param name="Mode"><c>read_only</c> or <c>read_write</c>.</param>
/// <param name="Isolation">What a transaction sees of others.</param>
/// <param name="Retries">How often it is run again after a conflict.</param>
/// <param name="Function">The function that it is.</param>
public sealed record ProcedureInfo(string Name, string Database, string Mode, string Isolation, int Retries, FunctionInfo Function)
{
    /// <summary>What makes it a function of SQL as well; null if it is none.</summary>
    public SqlFunction? Sql { get; init; }

    /// <summary>What whoever registered it should know; null for nothing.</summary>
    public IReadOnlyList<string>? Warnings { get; init; }
}
