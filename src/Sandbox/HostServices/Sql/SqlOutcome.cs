namespace HeliosEdge.Sandbox.HostServices.Sql;

/// <summary>How a statement or a transaction went.</summary>
public enum SqlOutcome
{
    /// <summary>It was carried out.</summary>
    Success,

    /// <summary>It was refused or failed; nothing was changed.</summary>
    Failed,

    /// <summary>It was cancelled at the deadline, or with its call; nothing was changed.</summary>
    Cancelled,

    /// <summary>The disk has no room for it; nothing was changed.</summary>
    DiskFull,

    /// <summary>The database cannot be reached, read or written now; nothing was changed that is known of.</summary>
    Unavailable,

    /// <summary>Another transaction was in its way; nothing was changed, and the whole transaction may succeed when it is run again.</summary>
    Conflict,

    /// <summary>Too many wait for the database already; nothing has begun.</summary>
    Busy,
}

/// <summary>Outcomes as words.</summary>
public static class SqlOutcomes
{
    /// <summary>The stable word for an outcome.</summary>
    public static string Word(SqlOutcome outcome) => outcome switch
    {
        SqlOutcome.Success => "success",
        SqlOutcome.Cancelled => "cancelled",
        SqlOutcome.DiskFull => "disk_full",
        SqlOutcome.Unavailable => "unavailable",
        SqlOutcome.Conflict => "conflict",
        SqlOutcome.Busy => "busy",
        _ => "failed",
    };
}
