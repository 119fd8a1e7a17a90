using System.Diagnostics.CodeAnalysis;
using HeliosEdge.Sandbox.HostServices.Sql.Changes;
using HeliosEdge.Sandbox.HostServices.Sql.Triggers;

namespace HeliosEdge.Sandbox.HostServices.Sql;

/// <summary>An SQL database of a region. Used by many threads.</summary>
public interface ISqlDatabase
{
    /// <summary>Its name in the region.</summary>
    string Name { get; }

    /// <summary>What it is: <c>sqlite</c> or <c>postgresql</c>.</summary>
    string Kind { get; }

    /// <summary>The triggers whose bodies are guests; null where the database has none.</summary>
    ISqlTriggers? Triggers => null;

    /// <summary>The pipelines that get its changes; null where nothing captures them.</summary>
    ISqlChanges? Changes => null;

    /// <summary>Runs one statement in a transaction of its own, which is committed if it succeeds.</summary>
    /// <returns>
    /// <c>{"columns": ["a"], "rows": [[1]]}</c> for <see cref="SqlAccess.Read"/>, <c>{"rowsAffected": 1, "lastInsertId": 7}</c> for
    /// <see cref="SqlAccess.Write"/>, with <c>columns</c> and <c>rows</c> where the statement returns rows.
    /// </returns>
    SqlAnswer Run(SqlStatement statement, SqlPatience patience);

    /// <summary>Begins a transaction, which holds a connection until it is disposed of.</summary>
    bool TryBegin(SqlTerms terms, SqlPatience patience, [NotNullWhen(true)] out ISqlTransaction? transaction, [NotNullWhen(false)] out SqlError? error);
}
