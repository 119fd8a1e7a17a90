namespace HeliosEdge.Sandbox.HostServices.Sql.Changes;

/// <summary>One change among those of a <see cref="ChangeBatch"/>.</summary>
/// <param name="Position">The place behind it: where a pipeline stands that has delivered it.</param>
/// <param name="Key">The same for all changes of a row.</param>
/// <param name="ChangedAt">When it was committed.</param>
public readonly record struct Change(ChangePosition Position, ulong Key, DateTimeOffset ChangedAt);
