using HeliosEdge.Sandbox.Invocations;

namespace HeliosEdge.Sandbox.HostServices.Sql;

/// <summary>The SQL databases of the regions. Used by many threads.</summary>
public interface ISqlDatabase : IHostService
{
    /// <summary>Runs one statement that only reads; the database itself refuses anything else.</summary>
    /// <param name="region">Whose database.</param>
    /// <param name="sql">One statement.</param>
    /// <param name="parameters">A JSON array of null, booleans, numbers and strings for <c>?1</c>, <c>?2</c>…; empty for none.</param>
    /// <param name="patience">The time that it may take.</param>
    /// <returns><c>{"columns": ["a"], "rows": [[1]]}</c>; blobs are strings of Base64.</returns>
    SqlAnswer Query(string region, string sql, ReadOnlyMemory<byte> parameters, TimeSpan patience);

    /// <summary>Runs one statement in a transaction of its own, which is committed if it succeeds.</summary>
    /// <param name="region">Whose database.</param>
    /// <param name="sql">One statement.</param>
    /// <param name="parameters">As for <see cref="Query"/>.</param>
    /// <param name="patience">The time that it may take.</param>
    /// <returns><c>{"rowsAffected": 1, "lastInsertId": 7}</c>.</returns>
    SqlAnswer Execute(string region, string sql, ReadOnlyMemory<byte> parameters, TimeSpan patience);
}
