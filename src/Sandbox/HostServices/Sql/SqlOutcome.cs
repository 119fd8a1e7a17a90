namespace HeliosEdge.Sandbox.HostServices.Sql;

/// <summary>How a statement went.</summary>
public enum SqlOutcome
{
    /// <summary>It was carried out.</summary>
    Success,

    /// <summary>It was refused or failed; nothing was changed.</summary>
    Failed,

    /// <summary>It was cancelled at the deadline; nothing was changed.</summary>
    Cancelled,

    /// <summary>The disk has no room for it; nothing was changed.</summary>
    DiskFull,

    /// <summary>The database's files cannot be read or written now; nothing was changed.</summary>
    Unavailable,
}
