using HeliosEdge.Grains.Functions;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Engines;
using HeliosEdge.Sandbox.Execution;
using HeliosEdge.Sandbox.HostServices.Sql;
using HeliosEdge.Sandbox.Invocations;

namespace HeliosEdge.Grains.Procedures;

/// <summary>
/// One call of a procedure, which is one transaction: committed once the guest has succeeded, rolled back whatever else becomes of it. Where
/// other transactions were in its way the guest is run again from fresh, which is safe because it has had no effect outside of the transaction.
/// </summary>
internal sealed class ProcedureRun(FunctionInvoker invoker, ICompiledModule module, SandboxScope scope, ResponseBuffer response, CancellationToken cancellation)
{
    /// <summary>The longest wait before the guest is run again.</summary>
    private const int MaxPauseMs = 64;

    private readonly SqlPatience _patience = SqlPatience.For(TimeSpan.FromMilliseconds(scope.Limits.TimeoutMs), cancellation);

    /// <summary>Runs it in a transaction of its own.</summary>
    /// <exception cref="SandboxException">It failed; nothing of it was done.</exception>
    public void Run(ReadOnlySpan<byte> arguments)
    {
        ProcedureJson.CheckArguments(arguments);
        var terms = invoker.Procedure!;
        var database = scope.Find<ISqlDatabases>()?.Find(scope.Region, terms.Database)
            ?? throw new SandboxException(ErrorCodes.Unavailable, $"The region {scope.Region} has no database \"{terms.Database}\" any more.");
        for (var run = 0; ; run++)
        {
            var error = RunOnce(database, terms.ToSqlTerms(), arguments);
            if (error is null)
            {
                return;
            }

            if (error.Outcome != SqlOutcome.Conflict)
            {
                throw Failure(error);
            }

            if (run >= terms.Retries)
            {
                throw new SandboxException(
                    ErrorCodes.ProcedureConflict, $"Other transactions were in the way each of the {run + 1} times that the procedure was run: {error.Message}")
                {
                    Limit = terms.Retries,
                };
            }

            Pause(run);
        }
    }

    /// <summary>Runs it as a part of the transaction of the procedure that calls it.</summary>
    /// <exception cref="SandboxException">It failed; nothing of it was done, and the rest of the transaction may go on.</exception>
    public void RunWithin(SqlSession caller, ReadOnlySpan<byte> arguments)
    {
        ProcedureJson.CheckArguments(arguments);
        var transaction = caller.Transaction;
        ThrowIf(transaction.Save(_patience));
        var isKept = false;
        try
        {
            Invoke(new SqlSession(transaction, caller.Depth + 1), arguments);
            ThrowIf(transaction.Doom);
            isKept = true;
        }
        finally
        {
            if (!isKept)
            {
                // What ended the guest is what its caller is told; where this fails, too, the transaction is doomed.
                _ = transaction.Undo(_patience);
            }
        }

        ThrowIf(transaction.Keep(_patience));
    }

    /// <returns>Why it was not done; null once it is.</returns>
    private SqlError? RunOnce(ISqlDatabase database, SqlTerms terms, ReadOnlySpan<byte> arguments)
    {
        if (!database.TryBegin(terms, _patience, out var transaction, out var error))
        {
            return error;
        }

        using (transaction)
        {
            try
            {
                Invoke(new SqlSession(transaction), arguments);
            }
            catch (SandboxException) when (transaction.Doom is { Outcome: SqlOutcome.Conflict } && !_patience.IsOver)
            {
                // Whatever the guest made of the conflict, it did so on data that is not there any more.
                return transaction.Doom;
            }

            if (transaction.Doom is { } doom)
            {
                return doom;
            }

            if (cancellation.IsCancellationRequested)
            {
                throw new SandboxException(ErrorCodes.Cancelled, "The call was taken back before its transaction was committed.");
            }

            return transaction.Commit(_patience);
        }
    }

    private void Invoke(SqlSession session, ReadOnlySpan<byte> arguments)
    {
        response.Clear();
        var left = (int)_patience.Remaining.TotalMilliseconds;
        if (left <= 0)
        {
            throw Late();
        }

        var own = scope.Within(scope.Limits with { TimeoutMs = Math.Min(left, scope.Limits.TimeoutMs) }).Having(session);
        invoker.Abi.Invoke(module, invoker.Entry, arguments, own.Limits, response, own, cancellation);
        ProcedureJson.CheckAnswer(response.Written.Span);
    }

    private void Pause(int run)
    {
        using var waiting = GuestThreads.Wait();
        cancellation.WaitHandle.WaitOne(Random.Shared.Next(1, Math.Min(MaxPauseMs, 2 << Math.Min(run, 10)) + 1));
    }

    private void ThrowIf(SqlError? error)
    {
        if (error is not null)
        {
            throw error.Outcome == SqlOutcome.Conflict ? new SandboxException(ErrorCodes.ProcedureConflict, error.Message) : Failure(error);
        }
    }

    private SandboxException Failure(SqlError error) => error.Outcome switch
    {
        SqlOutcome.Cancelled => Late(),
        SqlOutcome.Unavailable or SqlOutcome.DiskFull => new SandboxException(ErrorCodes.Unavailable, error.Message),
        SqlOutcome.Busy => new SandboxException(ErrorCodes.Overloaded, error.Message),
        _ when SqlFailure.IsOfTrigger(error) => SqlFailure.Of(error),
        _ => new SandboxException(ErrorCodes.TransactionFailed, $"Nothing was done: {error.Message} (SQLSTATE {error.State})"),
    };

    private SandboxException Late() => cancellation.IsCancellationRequested
        ? new SandboxException(ErrorCodes.Cancelled, "The call was taken back before its transaction was committed.")
        : new SandboxException(ErrorCodes.Timeout, $"The transaction could not be ended within {scope.Limits.TimeoutMs} ms; nothing was done.") { Limit = scope.Limits.TimeoutMs };
}
