namespace HeliosEdge.Sandbox.HostServices.Sql.Changes;

/// <summary>
/// The changes that a pipeline has not delivered yet. While it is open no other silo has the pipeline; it ends when the silo does. One thread at a time.
/// </summary>
public interface IChangeStream : IAsyncDisposable
{
    /// <summary>The pipeline's definition.</summary>
    PipelineDefinition Definition { get; }

    /// <summary>The revision of the pipeline that this stream is of.</summary>
    long Revision { get; }

    /// <summary>
    /// Waits for the next changes: for the first as long as it takes, for more until there are <see cref="PipelineDefinition.MaxRows"/> or
    /// <paramref name="maxBytes"/>, or <see cref="PipelineDefinition.MaxWaitMs"/> have passed. The last one may be beyond the bytes.
    /// </summary>
    /// <param name="batch">Takes them; cleared first.</param>
    /// <param name="maxBytes">Bytes of JSON after which no more are added.</param>
    /// <param name="cancellationToken">Ends the wait; the stream is of no more use then.</param>
    /// <exception cref="PipelineEndedException">The stream is of no more use.</exception>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.Unavailable"/> and others, as <see cref="SqlFailure.Of"/>; or <see cref="ErrorCodes.CaptureRefused"/>. The stream is of no more use.</exception>
    Task ReadAsync(ChangeBatch batch, int maxBytes, CancellationToken cancellationToken);

    /// <summary>
    /// Stores that changes are delivered, what a table gets of them and those that were not taken, in one transaction. They are delivered in the order in
    /// which they were read, each once; not all of a batch need to be delivered at once.
    /// </summary>
    /// <exception cref="PipelineEndedException">The pipeline was changed, paused, removed or taken over; nothing is stored.</exception>
    /// <exception cref="SandboxException">
    /// <see cref="ErrorCodes.SinkFailed"/>: the table does not take a record, and nothing is stored; the same changes may be delivered again, in another way.
    /// <see cref="ErrorCodes.DeadChangesFull"/>: there are too many already; nothing is stored. Others: nothing is stored, and the stream is of no more use.
    /// </exception>
    Task CommitAsync(ChangeCommit commit, CancellationToken cancellationToken);

    /// <summary>Stores what went wrong, for people.</summary>
    /// <exception cref="PipelineEndedException">As for <see cref="CommitAsync"/>.</exception>
    Task NoteAsync(string error, CancellationToken cancellationToken);
}
