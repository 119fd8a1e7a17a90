using System.Collections.Immutable;

namespace HeliosEdge.Sandbox.HostServices.Sql.Triggers;

/// <summary>A guest that judges changes of a table's rows.</summary>
/// <param name="Name">The trigger's name, unique in its database.</param>
/// <param name="Table">The table.</param>
/// <param name="Events">What it judges, of <see cref="TriggerEvents.All"/>; at least one, sorted.</param>
/// <param name="Function">The function that judges.</param>
/// <param name="When">An expression over <c>OLD</c> and <c>NEW</c> without which it is not asked; null for always.</param>
/// <param name="Columns">The columns that the guest gets; empty for all.</param>
public sealed record TriggerDefinition(
    string Name, string Table, ImmutableArray<string> Events, string Function, string? When, ImmutableArray<string> Columns);
