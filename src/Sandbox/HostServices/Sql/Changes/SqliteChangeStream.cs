namespace HeliosEdge.Sandbox.HostServices.Sql.Changes;

/// <summary>The changes of a SQLite database that a pipeline has not delivered yet.</summary>
internal sealed class SqliteChangeStream : IChangeStream
{
    /// <summary>Changes of others, and their bytes, that are passed over before it is stored that they were.</summary>
    private const int MaxPassed = 1_000;
    private const long MaxPassedBytes = 1 << 20;

    private readonly SqliteChanges _changes;
    private readonly SqliteChangeReader _reader;
    private readonly CancellationTokenSource _over = new();
    private long _stored;
    private long _storedSum;
    private string? _ended;

    public SqliteChangeStream(SqliteChanges changes, SqliteChangeReader reader, PipelineDefinition definition, long revision, long position, long sum)
    {
        (_changes, _reader, Definition, Revision) = (changes, reader, definition, revision);
        (_stored, _storedSum, _reader.Position, Passed, PassedSum) = (position, sum, position, position, sum);
    }

    public PipelineDefinition Definition { get; }

    public long Revision { get; }

    /// <summary>Up to where there is nothing to deliver, as far as anybody has looked.</summary>
    public long Passed { get => Volatile.Read(ref field); private set => Volatile.Write(ref field, value); }

    /// <summary>Bytes of all changes up to there.</summary>
    public long PassedSum { get => Volatile.Read(ref field); private set => Volatile.Write(ref field, value); }

    public async Task ReadAsync(ChangeBatch batch, int maxBytes, CancellationToken cancellationToken)
    {
        batch.Clear();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _over.Token);
        var until = 0L;
        try
        {
            while (true)
            {
                var version = _changes.Signal.Version;
                ThrowIfEnded();
                var outcome = await Task.Run(() => _reader.Read(batch, Definition.MaxRows, maxBytes), cancellationToken);
                if (outcome == ReadOutcome.Full)
                {
                    return;
                }

                await PassAsync(batch, cancellationToken);
                if (outcome == ReadOutcome.More)
                {
                    continue;
                }

                var wait = Timeout.InfiniteTimeSpan;
                if (batch.Count > 0)
                {
                    until = until == 0 ? Environment.TickCount64 + Definition.MaxWaitMs : until;
                    wait = TimeSpan.FromMilliseconds(until - Environment.TickCount64);
                    if (wait <= TimeSpan.Zero)
                    {
                        return;
                    }
                }

                await _changes.Signal.WaitAsync(version, wait, either.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            ThrowIfEnded();
            throw;
        }
    }

    public async Task CommitAsync(ChangeCommit commit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(commit);
        var isAll = commit.Last.Position == _reader.Last.Position;
        var position = isAll ? _reader.Position : commit.Last.Position.Commit;
        _storedSum = await _changes.CommitAsync(this, commit, position, cancellationToken);
        _stored = position;
        (Passed, PassedSum) = (position, _storedSum);
    }

    public Task NoteAsync(string error, CancellationToken cancellationToken) => _changes.NoteAsync(this, error, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_changes.Leave(this))
        {
            await _over.CancelAsync();
            _reader.Dispose();
        }
    }

    /// <summary>Ends it: its pipeline is not what it was.</summary>
    public void End(string why)
    {
        if (Interlocked.CompareExchange(ref _ended, why, null) is null)
        {
            _over.Cancel();
        }
    }

    /// <exception cref="PipelineEndedException">It has ended.</exception>
    public void ThrowIfEnded()
    {
        if (Volatile.Read(ref _ended) is { } why)
        {
            throw new PipelineEndedException(why);
        }
    }

    // Changes that are not the pipeline's would be held for it for as long as none of its own come.
    private async Task PassAsync(ChangeBatch batch, CancellationToken cancellationToken)
    {
        if (batch.Count > 0 || _reader.Last.Position.Commit > _stored)
        {
            return;
        }

        if (_reader.Position == _stored)
        {
            return;
        }

        (Passed, PassedSum) = (_reader.Position, _reader.Sum);
        if (Passed - _stored >= MaxPassed || PassedSum - _storedSum >= MaxPassedBytes)
        {
            await _changes.PassAsync(this, Passed, cancellationToken);
            (_stored, _storedSum) = (Passed, PassedSum);
        }
    }
}
