using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using HeliosEdge.Grains.Abstractions.Functions;

namespace HeliosEdge.Storage.Catalog;

/// <summary>What makes a function a procedure, as its row keeps it.</summary>
internal sealed record StoredProcedure
{
    [JsonPropertyName("database")]
    public required string Database { get; init; }

    [JsonPropertyName("mode")]
    public required string Mode { get; init; }

    [JsonPropertyName("isolation")]
    public required string Isolation { get; init; }

    [JsonPropertyName("retries")]
    public required int Retries { get; init; }

    /// <summary>Not there where it is no function of SQL.</summary>
    [JsonPropertyName("sql")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public StoredSqlFunction? Sql { get; init; }

    [return: NotNullIfNotNull(nameof(terms))]
    public static StoredProcedure? Of(ProcedureTerms? terms) => terms is null
        ? null
        : new StoredProcedure { Database = terms.Database, Mode = terms.Mode, Isolation = terms.Isolation, Retries = terms.Retries, Sql = StoredSqlFunction.Of(terms.Sql) };

    public ProcedureTerms ToTerms() => new() { Database = Database, Mode = Mode, Isolation = Isolation, Retries = Retries, Sql = Sql?.ToTerms() };
}
