using System.Text.Json;

namespace HeliosEdge.Client;

/// <summary>What a statement gave.</summary>
public sealed record SqlResult
{
    /// <summary>The names of the columns; null for a statement that gives no rows.</summary>
    public IReadOnlyList<string>? Columns { get; init; }

    /// <summary>The rows, each with a value for each column; null for a statement that gives no rows.</summary>
    public IReadOnlyList<IReadOnlyList<JsonElement>>? Rows { get; init; }

    /// <summary>Rows that it changed; null for a query.</summary>
    public long? RowsAffected { get; init; }

    /// <summary>The number of the last row that it inserted into a table of SQLite; null for a query.</summary>
    public long? LastInsertId { get; init; }
}
