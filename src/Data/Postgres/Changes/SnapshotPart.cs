namespace HeliosEdge.Data.Postgres.Changes;

/// <summary>Whether an event is of a snapshot.</summary>
internal enum SnapshotPart
{
    /// <summary>It is a change.</summary>
    No,

    /// <summary>It is a row that was there, and more come.</summary>
    Row,

    /// <summary>It is the last of those.</summary>
    Last,
}
