using System.Text.Json;

namespace HeliosEdge.Client;

/// <summary>One statement with its parameters.</summary>
/// <param name="Sql">The statement; <c>?1</c>, <c>?2</c>… stand for parameters with SQLite, <c>$1</c>, <c>$2</c>… with PostgreSQL.</param>
public sealed record SqlStatement(string Sql)
{
    /// <summary>The parameters: null, true, false, numbers, strings, and <c>{"base64": "…"}</c> for bytes; null for none.</summary>
    public IReadOnlyList<JsonElement>? Params { get; init; }
}
