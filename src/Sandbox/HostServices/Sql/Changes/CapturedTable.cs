namespace HeliosEdge.Sandbox.HostServices.Sql.Changes;

/// <summary>How many changes a table has had in a transaction.</summary>
internal sealed class CapturedTable
{
    /// <summary>The transaction that <see cref="Count"/> is of.</summary>
    public long Transaction { get; set; }

    /// <summary>How many.</summary>
    public int Count { get; set; }
}
