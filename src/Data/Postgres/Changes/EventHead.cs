namespace HeliosEdge.Data.Postgres.Changes;

/// <summary>What an event says beside its rows.</summary>
/// <param name="Op">What was done, by Debezium's letter.</param>
/// <param name="Old">What is known of the row as it was.</param>
/// <param name="HasNew">Whether there is a row now.</param>
/// <param name="CommittedAt">When it was committed, in milliseconds since 1970.</param>
/// <param name="Now">When it is told, likewise.</param>
/// <param name="Snapshot">Its place in a snapshot.</param>
/// <param name="TransactionId">The transaction; 0 for none.</param>
/// <param name="Lsn">Where it is in the log.</param>
/// <param name="CommitLsn">Where its transaction ends there.</param>
/// <param name="TotalOrder">Its number among the events of its transaction, from 1; 0 outside one.</param>
/// <param name="TableOrder">The same among those of its table.</param>
internal readonly record struct EventHead(
    char Op, OldRow Old, bool HasNew, long CommittedAt, long Now, SnapshotPart Snapshot, long TransactionId, long Lsn, long CommitLsn, long TotalOrder, long TableOrder);
