using System.Collections.Immutable;
using System.Diagnostics;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.HostServices.Sql.Changes;
using Microsoft.Extensions.Logging;

namespace HeliosEdge.Grains.Pipelines;

/// <summary>
/// Gives the changes of an open stream to the pipeline's function, batch by batch, and has each stored as delivered before the next. What is not taken is
/// halved until it is one change, of which the pipeline says what becomes of it.
/// </summary>
internal sealed partial class PipelineDelivery(PipelineCall call, IChangeStream stream, string region, ILogger log)
{
    private readonly PipelineDefinition _pipeline = stream.Definition;
    private readonly ChangeBatch _batch = new();
    private string? _noted;
    private long _rateFrom = Stopwatch.GetTimestamp();
    private long _rateCount;
    private double _rate;

    /// <summary>Changes that it has delivered.</summary>
    public long Delivered { get; private set; }

    /// <summary>Delivers until the stream ends.</summary>
    /// <exception cref="PipelineEndedException">The pipeline was changed, paused, removed or taken over.</exception>
    /// <exception cref="PipelineStopException">The pipeline has to stop until people have mended something.</exception>
    /// <exception cref="SandboxException">The database failed; with another stream it may go on.</exception>
    /// <exception cref="OperationCanceledException">It is to end.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var most = await PatientlyAsync(() => Task.FromResult(call.MaxEventBytes(region, _pipeline)), cancellationToken).ConfigureAwait(false);
            await stream.ReadAsync(_batch, most, cancellationToken).ConfigureAwait(false);
            if (_batch.Count > 0 && !(_pipeline.Order == ChangeOrder.Key && await DeliverInLanesAsync(cancellationToken).ConfigureAwait(false)))
            {
                await DeliverAsync(0, _batch.Count, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Delivers changes that follow each other in one call, in halves where that is not taken.</summary>
    private async Task DeliverAsync(int from, int count, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var answer = await PatientlyAsync(
                    () => call.CallAsync(region, _pipeline, PipelinePayload.Of(_pipeline.Name, _batch, from, count), cancellationToken), cancellationToken).ConfigureAwait(false);
                await CommitAsync(from + count - 1, count, RecordsOf(answer), [], cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (SandboxException e) when (e is ChangesRefusedException || e.Code == ErrorCodes.SinkFailed)
            {
                if (count > 1)
                {
                    var half = count / 2;
                    await DeliverAsync(from, half, cancellationToken).ConfigureAwait(false);
                    await DeliverAsync(from + half, count - half, cancellationToken).ConfigureAwait(false);
                    return;
                }

                if (_pipeline.OnError == OnChangeError.Retry && attempt < PipelineLimits.MaxAttempts)
                {
                    await NoteAsync(e, cancellationToken).ConfigureAwait(false);
                    await Task.Delay(PipelineLimits.PauseAfter(attempt), cancellationToken).ConfigureAwait(false);
                    continue;
                }

                await GiveUpAsync(from, e, cancellationToken).ConfigureAwait(false);
                return;
            }
        }
    }

    /// <summary>Delivers the batch in several calls at the same time, each with the changes of other rows.</summary>
    /// <returns>False where one of them was not taken; nothing is stored as delivered then.</returns>
    private async Task<bool> DeliverInLanesAsync(CancellationToken cancellationToken)
    {
        var lanes = Enumerable.Range(0, PipelineLimits.Lanes).Select(_ => new List<int>()).ToArray();
        for (var i = 0; i < _batch.Count; i++)
        {
            lanes[_batch[i].Key % PipelineLimits.Lanes].Add(i);
        }

        try
        {
            var answers = await Task.WhenAll(lanes.Where(lane => lane.Count > 0).Select(lane => PatientlyAsync(
                () => call.CallAsync(region, _pipeline, PipelinePayload.Of(_pipeline.Name, _batch, lane), cancellationToken), cancellationToken, isAlone: false))).ConfigureAwait(false);
            await CommitAsync(_batch.Count - 1, _batch.Count, [.. answers.SelectMany(answer => RecordsOf(answer))], [], cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (SandboxException e) when (e is ChangesRefusedException || e.Code == ErrorCodes.SinkFailed)
        {
            return false;
        }
    }

    private async Task GiveUpAsync(int at, SandboxException e, CancellationToken cancellationToken)
    {
        if (_pipeline.OnError == OnChangeError.Stop)
        {
            throw new PipelineStopException($"A change was not taken: {e.Code}: {e.Message}");
        }

        LogDead(log, _pipeline.Name, region, e.Code, e.Message);
        await CommitAsync(at, 0, [], [new DeadChange(0, _batch.Events(at, 1).ToArray(), e.Code, e.Message, DateTimeOffset.UtcNow)], cancellationToken).ConfigureAwait(false);
    }

    private ImmutableArray<TableRecord> RecordsOf(ReadOnlyMemory<byte> answer) => _pipeline.Sink?.Table is null ? [] : TableRecords.Read(answer);

    private async Task CommitAsync(int last, int count, ImmutableArray<TableRecord> records, ImmutableArray<DeadChange> dead, CancellationToken cancellationToken)
    {
        Count(count);
        try
        {
            await stream.CommitAsync(new ChangeCommit(_batch[last], count, records, dead, _rate), cancellationToken).ConfigureAwait(false);
        }
        catch (SandboxException e) when (e.Code == ErrorCodes.DeadChangesFull)
        {
            throw new PipelineStopException(e.Message);
        }

        Delivered += count;
        _noted = null;
    }

    /// <summary>Does something again, with backoff, for as long as what it meets is not the fault of the changes.</summary>
    private async Task<T> PatientlyAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken, bool isAlone = true)
    {
        for (var failures = 1; ; failures++)
        {
            try
            {
                return await work().ConfigureAwait(false);
            }
            catch (SandboxException e)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (ChangeFailure.IsOfChanges(e) || !isAlone)
                {
                    throw new ChangesRefusedException(e);
                }

                await NoteAsync(e, cancellationToken).ConfigureAwait(false);
                await Task.Delay(PipelineLimits.PauseAfter(failures), cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task NoteAsync(SandboxException e, CancellationToken cancellationToken)
    {
        var error = $"{e.Code}: {e.Message}";
        if (error != _noted)
        {
            LogWaits(log, _pipeline.Name, region, e.Code, e.Message);
            await stream.NoteAsync(error, cancellationToken).ConfigureAwait(false);
            _noted = error;
        }
    }

    private void Count(int delivered)
    {
        _rateCount += delivered;
        var elapsed = Stopwatch.GetElapsedTime(_rateFrom);
        if (elapsed >= TimeSpan.FromSeconds(1))
        {
            (_rate, _rateCount, _rateFrom) = (_rateCount / elapsed.TotalSeconds, 0, Stopwatch.GetTimestamp());
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The pipeline {Pipeline} in {Region} tries something again: {Code}: {Reason}")]
    private static partial void LogWaits(ILogger log, string pipeline, string region, string code, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A change was not taken by the pipeline {Pipeline} in {Region} and waits among its dead changes: {Code}: {Reason}")]
    private static partial void LogDead(ILogger log, string pipeline, string region, string code, string reason);

    /// <summary>Changes were not taken, and would not be if they came again alike.</summary>
    private sealed class ChangesRefusedException(SandboxException e) : SandboxException(e.Code, e.Message, e);
}
