namespace HeliosEdge.Sandbox.HostServices.Sql;

/// <summary>How much a transaction sees of others. SQLite has only serializable ones, and gives that for each of these.</summary>
public enum SqlIsolation
{
    /// <summary>The database's own choice; read committed with PostgreSQL where nobody has changed it.</summary>
    Default,

    /// <summary>Each statement sees what was committed before it began.</summary>
    ReadCommitted,

    /// <summary>All statements see what was committed before the first one.</summary>
    RepeatableRead,

    /// <summary>As if transactions ran one after the other; one that cannot be so fails with <see cref="SqlOutcome.Conflict"/>.</summary>
    Serializable,
}
