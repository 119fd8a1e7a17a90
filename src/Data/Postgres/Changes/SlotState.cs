namespace HeliosEdge.Data.Postgres.Changes;

/// <summary>A replication slot that is there.</summary>
/// <param name="Process">The session that has it; null for none.</param>
internal readonly record struct SlotState(int? Process);
