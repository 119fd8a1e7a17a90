namespace HeliosEdge.Sandbox.HostServices.Sql.Triggers;

/// <summary>A trigger as it is now.</summary>
/// <param name="Definition">What it is.</param>
/// <param name="IsEnabled">Whether it judges; one that is disabled lets everything pass.</param>
/// <param name="Counts">What it has done since the silo began.</param>
public sealed record TriggerState(TriggerDefinition Definition, bool IsEnabled, TriggerCounts Counts);

/// <summary>What a trigger has done since the silo began.</summary>
/// <param name="Fired">Rows that the guest was asked about.</param>
/// <param name="Rejected">Those that it refused.</param>
/// <param name="Failed">Those that were refused because it failed.</param>
/// <param name="LastError">What was said of the last of these; null for none.</param>
public readonly record struct TriggerCounts(long Fired, long Rejected, long Failed, string? LastError);
