namespace HeliosEdge.Data.Postgres.Triggers;

/// <summary>A row that a trigger has told of.</summary>
/// <param name="Table">The number of its table.</param>
/// <param name="Trigger">The name of the trigger in the server.</param>
/// <param name="Old">The row before as the server writes rows; empty for none.</param>
/// <param name="New">The row after; empty for none.</param>
internal readonly record struct CapturedRow(uint Table, string Trigger, string Old, string New);
