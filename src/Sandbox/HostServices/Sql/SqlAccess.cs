namespace HeliosEdge.Sandbox.HostServices.Sql;

/// <summary>What a statement or a transaction does to a database.</summary>
public enum SqlAccess
{
    /// <summary>It only reads; the database itself refuses anything else.</summary>
    Read,

    /// <summary>It may change data and schema.</summary>
    Write,
}
