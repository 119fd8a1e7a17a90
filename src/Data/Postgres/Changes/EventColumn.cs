using System.Text.Json;

namespace HeliosEdge.Data.Postgres.Changes;

/// <summary>A column of events.</summary>
/// <param name="Name">Its name, as JSON has it.</param>
/// <param name="Type">What its values are.</param>
/// <param name="IsKey">Whether it is of what tells rows apart.</param>
internal readonly record struct EventColumn(JsonEncodedText Name, PostgresType Type, bool IsKey);
