namespace HeliosEdge.Data.Postgres;

/// <summary>What a statement returns.</summary>
internal enum PostgresReply
{
    /// <summary>No rows.</summary>
    None,

    /// <summary>Rows, if it has columns.</summary>
    PerhapsRows,

    /// <summary>Rows, even if they have no columns.</summary>
    Rows,
}
