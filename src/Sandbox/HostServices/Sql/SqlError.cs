using System.Text.Json.Serialization;

namespace HeliosEdge.Sandbox.HostServices.Sql;

/// <summary>Why a statement or a transaction was not carried out. Guests get it as JSON from <c>db_last_error</c>.</summary>
/// <param name="Outcome">In one word.</param>
/// <param name="State">The SQLSTATE of PostgreSQL, or the one that comes nearest with SQLite.</param>
/// <param name="Message">A sentence for whoever wrote the statement.</param>
/// <param name="Position">Where in the statement, from 1, in characters with PostgreSQL and in bytes with SQLite; null where nobody knows.</param>
public sealed record SqlError(
    [property: JsonIgnore] SqlOutcome Outcome,
    [property: JsonPropertyName("sqlstate"), JsonPropertyOrder(2)] string State,
    [property: JsonPropertyOrder(3)] string Message,
    [property: JsonPropertyOrder(4)] int? Position = null)
{
    /// <summary>The outcome as a stable word, or the error code of a procedure that was called.</summary>
    [JsonPropertyOrder(1)]
    public string Code { get; init; } = SqlOutcomes.Word(Outcome);
}
