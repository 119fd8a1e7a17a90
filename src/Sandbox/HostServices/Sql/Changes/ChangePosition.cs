namespace HeliosEdge.Sandbox.HostServices.Sql.Changes;

/// <summary>A place among the changes of a database. Only its database understands it.</summary>
/// <param name="Commit">The transaction, or the change where each has a number of its own.</param>
/// <param name="Index">How many changes of the transaction lie before.</param>
public readonly record struct ChangePosition(long Commit, long Index);
