namespace HeliosEdge.Data.Postgres.Triggers;

/// <summary>A column of a table with triggers.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">What its values are.</param>
/// <param name="IsKey">Whether it is of the primary key.</param>
internal sealed record TriggerColumn(string Name, PostgresType Type, bool IsKey);
