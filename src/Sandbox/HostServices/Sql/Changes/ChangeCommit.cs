using System.Collections.Immutable;

namespace HeliosEdge.Sandbox.HostServices.Sql.Changes;

/// <summary>What is stored together once changes are delivered.</summary>
/// <param name="Last">The last of them.</param>
/// <param name="Delivered">How many were taken.</param>
/// <param name="Records">What the sink that is a table gets; empty otherwise.</param>
/// <param name="Dead">Those that were not taken.</param>
/// <param name="Rate">Changes a second of late.</param>
public sealed record ChangeCommit(Change Last, int Delivered, ImmutableArray<TableRecord> Records, ImmutableArray<DeadChange> Dead, double Rate);
