using System.Text.Json;

namespace HeliosEdge.Silo.Databases;

/// <summary>What a statement gave, for the description of the API; the bytes come from the database as they are sent.</summary>
/// <param name="Columns">The names of the columns, where it gives rows.</param>
/// <param name="Rows">The rows, each with a value for each column.</param>
/// <param name="RowsAffected">Rows that it changed, where it may change some.</param>
/// <param name="LastInsertId">The number of the last row that it inserted into a table of SQLite.</param>
internal sealed record StatementAnswer(
    IReadOnlyList<string>? Columns, IReadOnlyList<IReadOnlyList<JsonElement>>? Rows, long? RowsAffected, long? LastInsertId);
