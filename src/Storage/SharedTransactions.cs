using System.Collections.Concurrent;
using System.Data.Common;
using HeliosEdge.Sandbox;

namespace HeliosEdge.Storage;

/// <summary>
/// Has small writes share transactions: what comes while a transaction is on its way to disk goes into the next one. A write is done once it
/// is on disk. Writes of one transaction run in the order of their names, the same on all silos, so that no two silos wait for each other.
/// Used by many threads.
/// </summary>
internal sealed class SharedTransactions(IStateDatabase database)
{
    /// <summary>Writes that share a transaction at most.</summary>
    private const int MaxWrites = 256;

    private readonly ConcurrentQueue<PendingWrite> _pending = new();
    private int _isWriting;

    /// <summary>Writes. A write that fails spoils none of those beside it: they are then written one by one.</summary>
    /// <param name="name">Its place among those of the same transaction.</param>
    /// <param name="write">What to write; it may be called more than once, and only the last call holds.</param>
    public Task<T> WriteAsync<T>(string name, Func<DbConnection, DbTransaction, Task<T>> write)
    {
        var pending = new PendingWrite<T>(name, write);
        _pending.Enqueue(pending);
        if (Interlocked.Exchange(ref _isWriting, 1) == 0)
        {
            // Not in the caller's context: it writes for others as well.
            ThreadPool.UnsafeQueueUserWorkItem(static self => _ = self.WriteAllAsync(), this, preferLocal: false);
        }

        return pending.Done;
    }

    private async Task WriteAllAsync()
    {
        do
        {
            while (!_pending.IsEmpty)
            {
                await WriteBatchAsync().ConfigureAwait(false);
            }

            Interlocked.Exchange(ref _isWriting, 0);
        }
        while (!_pending.IsEmpty && Interlocked.Exchange(ref _isWriting, 1) == 0);
    }

    private async Task WriteBatchAsync()
    {
        var batch = new List<PendingWrite>();
        while (batch.Count < MaxWrites && _pending.TryDequeue(out var pending))
        {
            batch.Add(pending);
        }

        batch.Sort(static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        if (await TryWriteAsync(batch).ConfigureAwait(false) is not { } failure)
        {
            return;
        }

        // Where nothing can be written, each would wait for that anew.
        if (batch.Count == 1 || failure is SandboxException { Code: ErrorCodes.Unavailable })
        {
            batch.ForEach(pending => pending.Fail(failure));
            return;
        }

        foreach (var pending in batch)
        {
            if (await TryWriteAsync([pending]).ConfigureAwait(false) is { } why)
            {
                pending.Fail(why);
            }
        }
    }

    private async Task<Exception?> TryWriteAsync(List<PendingWrite> batch)
    {
        try
        {
            await database.WriteAsync(async (connection, transaction) =>
            {
                foreach (var pending in batch)
                {
                    await pending.WriteAsync(connection, transaction).ConfigureAwait(false);
                }

                return batch.Count;
            }).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // Whoever waits for a write that cannot be written alone throws it.
            return e;
        }

        batch.ForEach(pending => pending.Complete());
        return null;
    }

    private abstract class PendingWrite(string name)
    {
        public string Name => name;

        public abstract Task WriteAsync(DbConnection connection, DbTransaction transaction);

        public abstract void Complete();

        public abstract void Fail(Exception why);
    }

    private sealed class PendingWrite<T>(string name, Func<DbConnection, DbTransaction, Task<T>> write) : PendingWrite(name)
    {
        private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T _result = default!;

        public Task<T> Done => _done.Task;

        public override async Task WriteAsync(DbConnection connection, DbTransaction transaction) =>
            _result = await write(connection, transaction).ConfigureAwait(false);

        public override void Complete() => _done.SetResult(_result);

        public override void Fail(Exception why) => _done.SetException(why);
    }
}
