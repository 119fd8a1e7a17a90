using System.Collections.Immutable;

namespace HeliosEdge.Sandbox.HostServices.Sql.Changes;

/// <summary>A function that gets the changes of tables in the order in which they were committed.</summary>
/// <param name="Name">The pipeline's name, unique in its database and region.</param>
/// <param name="Tables">The tables, as <c>table</c> or, in PostgreSQL, <c>schema.table</c>; at least one.</param>
/// <param name="Snapshot">Whether the rows that are there at the beginning come first.</param>
/// <param name="Function">The function, in the pipeline's region.</param>
/// <param name="MaxRows">Changes that it gets at once, at most.</param>
/// <param name="MaxWaitMs">Milliseconds that a change waits for others to come with it.</param>
/// <param name="Order">What stays in order.</param>
/// <param name="OnError">What becomes of a change that the function, or the sink, does not take.</param>
/// <param name="MaxRetainedMiB">MiB of changes not delivered yet that the database may hold for it; beyond, they are given up (<see cref="PipelineState.Lost"/>).</param>
/// <param name="Sink">What gets the function's answer; null for nothing.</param>
public sealed record PipelineDefinition(
    string Name,
    ImmutableArray<string> Tables,
    bool Snapshot,
    string Function,
    int MaxRows,
    int MaxWaitMs,
    ChangeOrder Order,
    OnChangeError OnError,
    int MaxRetainedMiB,
    PipelineSink? Sink)
{
    private const int MaxTables = 64;

    /// <summary>Refuses too many tables, or none.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/>.</exception>
    internal void RequireTables()
    {
        if (Tables.IsDefaultOrEmpty || Tables.Length > MaxTables)
        {
            throw new SandboxException(ErrorCodes.InvalidParameter, $"A pipeline has from 1 to {MaxTables} tables, not {(Tables.IsDefault ? 0 : Tables.Length)}.")
            {
                Limit = MaxTables,
                Value = Tables.IsDefault ? 0 : Tables.Length,
            };
        }
    }
}
