using System.Text.Json.Serialization;
using HeliosEdge.Grains.Abstractions.Functions;

namespace HeliosEdge.Storage.Catalog;

/// <summary>What makes a procedure a function of SQL, as its row keeps it.</summary>
internal sealed record StoredSqlFunction
{
    [JsonPropertyName("kind")]
    public required string Kind { get; init; }

    [JsonPropertyName("arguments")]
    public required int Arguments { get; init; }

    [JsonPropertyName("deterministic")]
    public required bool Deterministic { get; init; }

    public static StoredSqlFunction? Of(SqlFunctionTerms? terms) =>
        terms is null ? null : new StoredSqlFunction { Kind = terms.Kind, Arguments = terms.Arguments, Deterministic = terms.Deterministic };

    public SqlFunctionTerms ToTerms() => new() { Kind = Kind, Arguments = Arguments, Deterministic = Deterministic };
}
