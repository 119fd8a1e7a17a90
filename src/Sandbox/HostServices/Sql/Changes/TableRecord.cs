using System.Text.Json;

namespace HeliosEdge.Sandbox.HostServices.Sql.Changes;

/// <summary>What is to be done with a row of a sink.</summary>
/// <param name="Verb">What.</param>
/// <param name="Row">Its columns by name; an object. Those of the primary key must be among them.</param>
public readonly record struct TableRecord(TableVerb Verb, JsonElement Row);
