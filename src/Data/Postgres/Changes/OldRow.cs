namespace HeliosEdge.Data.Postgres.Changes;

/// <summary>What the log says of a row as it was before a change.</summary>
internal enum OldRow
{
    /// <summary>Nothing: there was none, or its key is the one that it has now.</summary>
    None,

    /// <summary>What told it apart.</summary>
    Key,

    /// <summary>All of it.</summary>
    All,
}
