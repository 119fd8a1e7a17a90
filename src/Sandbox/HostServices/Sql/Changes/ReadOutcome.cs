namespace HeliosEdge.Sandbox.HostServices.Sql.Changes;

/// <summary>How a <see cref="SqliteChangeReader"/> has come to its end.</summary>
internal enum ReadOutcome
{
    /// <summary>There are no more changes now.</summary>
    End,

    /// <summary>There may be more.</summary>
    More,

    /// <summary>The batch can have no more.</summary>
    Full,
}
