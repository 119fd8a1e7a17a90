using System.Collections.Immutable;

namespace HeliosEdge.Sandbox.HostServices.Sql.Changes;

/// <summary>
/// The pipelines of a database in a region: what captures changes for them, how far each has come, and the changes that were not taken. All of it is kept in
/// the database. Used by many threads, and by all silos that have the database.
/// </summary>
public interface ISqlChanges
{
    /// <summary>What a position is called from which everything is delivered again, beginning with the rows that are there.</summary>
    const string FromSnapshot = "snapshot";

    /// <summary>Changes that a pipeline may have among the dead.</summary>
    const int MaxDead = 10_000;

    /// <summary>Pipelines of a database.</summary>
    const int MaxPipelines = 100;

    /// <summary>Makes a pipeline, which runs from now on, in place of one with the same name, whose position is kept.</summary>
    /// <returns>Whether the name is new.</returns>
    /// <exception cref="SandboxException">
    /// <see cref="ErrorCodes.InvalidParameter"/>: it does not fit the tables, or the sink. <see cref="ErrorCodes.CaptureRefused"/>: the database cannot capture
    /// changes; the message says what to do. Or as <see cref="SqlFailure.Of"/>.
    /// </exception>
    Task<bool> PutAsync(PipelineDefinition definition, CancellationToken cancellationToken);

    /// <summary>Removes a pipeline with all that is held for it.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.PipelineNotFound"/>; or as <see cref="SqlFailure.Of"/>.</exception>
    Task DeleteAsync(string name, CancellationToken cancellationToken);

    /// <summary>All pipelines, sorted by name. Where there has never been one, nothing is made.</summary>
    /// <exception cref="SandboxException">As <see cref="SqlFailure.Of"/>.</exception>
    Task<ImmutableArray<PipelineStatus>> ListAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Changes how a pipeline is. <see cref="PipelineState.Lost"/> gives up what is held for it. One that is lost runs again after <see cref="ReplayAsync"/> from
    /// <see cref="FromSnapshot"/> only.
    /// </summary>
    /// <param name="name">The pipeline.</param>
    /// <param name="state">How it is from now on.</param>
    /// <param name="reason">Why; null for nothing to say.</param>
    /// <param name="revision">Only if it has this revision; null for any. With another nothing is done.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.PipelineNotFound"/>, <see cref="ErrorCodes.PositionUnavailable"/>: it is lost; or as <see cref="SqlFailure.Of"/>.</exception>
    Task<PipelineStatus> SwitchAsync(string name, PipelineState state, string? reason, long? revision, CancellationToken cancellationToken);

    /// <summary>Has a pipeline deliver again, and run.</summary>
    /// <param name="name">The pipeline.</param>
    /// <param name="from">A position that <see cref="PipelineStatus.Position"/> has named, or <see cref="FromSnapshot"/>.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="SandboxException">
    /// <see cref="ErrorCodes.PipelineNotFound"/>; <see cref="ErrorCodes.InvalidParameter"/>: it is no position; <see cref="ErrorCodes.PositionUnavailable"/>: what came after it
    /// is not held any more, the message has the oldest position that is; or as <see cref="SqlFailure.Of"/>.
    /// </exception>
    Task<PipelineStatus> ReplayAsync(string name, string from, CancellationToken cancellationToken);

    /// <summary>Opens the changes of a pipeline that is to run.</summary>
    /// <returns>Null while another silo has it, or it is not to run.</returns>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.CaptureRefused"/>; or as <see cref="SqlFailure.Of"/>.</exception>
    Task<IChangeStream?> TryOpenAsync(string name, CancellationToken cancellationToken);

    /// <summary>Changes of a pipeline that were not taken, the oldest first.</summary>
    /// <param name="name">The pipeline.</param>
    /// <param name="after">Only those with greater numbers.</param>
    /// <param name="count">How many at most.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.PipelineNotFound"/>; or as <see cref="SqlFailure.Of"/>.</exception>
    Task<ImmutableArray<DeadChange>> DeadAsync(string name, long after, int count, CancellationToken cancellationToken);

    /// <summary>Removes a dead change, with what a table gets of it, in one transaction.</summary>
    /// <returns>False if there is none with this number; nothing is done.</returns>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.PipelineNotFound"/>, <see cref="ErrorCodes.SinkFailed"/>; or as <see cref="SqlFailure.Of"/>.</exception>
    Task<bool> SettleAsync(string name, long id, ImmutableArray<TableRecord> records, CancellationToken cancellationToken);
}
