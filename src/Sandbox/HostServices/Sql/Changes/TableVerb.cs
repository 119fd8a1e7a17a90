namespace HeliosEdge.Sandbox.HostServices.Sql.Changes;

/// <summary>What can be done with a row of a sink.</summary>
public enum TableVerb
{
    /// <summary>It is inserted, or the columns that are named are set.</summary>
    Upsert,

    /// <summary>It is inserted, or the numbers that are named are added to those that are there; a NULL counts as 0.</summary>
    Add,

    /// <summary>It is deleted, if it is there.</summary>
    Delete,
}
