using HeliosEdge.Sandbox.Execution;
using HeliosEdge.Sandbox.HostServices.Sql;

namespace HeliosEdge.Data.Postgres;

/// <summary>
/// A transaction on a connection that nobody else has meanwhile. A statement that fails dooms all of it, as PostgreSQL has it; only undoing
/// the part that it is in makes up for that.
/// </summary>
internal sealed class PostgresTransaction(PostgresSqlDatabase database, SqlTerms terms, PostgresConnection connection) : ISqlTransaction
{
    // Sent with the next statement, which spares the way to the server and back.
    private readonly List<string> _pending = [Beginning(terms)];

    // The rows that triggers had told of when each part began.
    private readonly Stack<int> _captured = new();

    private int _saved;
    private bool _isOver;
    private bool _isDisposed;

    public ISqlDatabase Database => database;

    public SqlTerms Terms => terms;

    public SqlError? Doom { get; private set; }

    private bool IsUndoable => Doom is { Outcome: SqlOutcome.Failed } && !_isOver && !connection.IsBroken;

    public SqlAnswer Run(SqlStatement statement, SqlPatience patience)
    {
        if (Doom is not null)
        {
            return new SqlAnswer(Doom);
        }

        if (terms.Access == SqlAccess.Read && statement.Access == SqlAccess.Write)
        {
            return new SqlAnswer(new SqlError(SqlOutcome.Failed, "25006", "The transaction only reads."));
        }

        using var waiting = GuestThreads.Wait();
        var answer = connection.RunWithinAsync(_pending, statement, terms.Access == SqlAccess.Write, patience).GetAwaiter().GetResult();
        Doom = answer.Error;
        return answer;
    }

    public SqlError? Save(SqlPatience patience)
    {
        if (Doom is null)
        {
            _pending.Add($"SAVEPOINT part{++_saved}");
            _captured.Push(connection.Captured.Count);
        }

        return Doom;
    }

    public SqlError? Keep(SqlPatience patience)
    {
        if (Doom is null)
        {
            Expect();
            _pending.Add($"RELEASE SAVEPOINT part{_saved--}");
            _captured.Pop();
        }

        return Doom;
    }

    public SqlError? Undo(SqlPatience patience)
    {
        if (Doom is not null && !IsUndoable)
        {
            return Doom;
        }

        Expect();
        Doom = null;
        var part = _saved--;
        connection.Captured.Forget(_captured.Pop());
        return Own([$"ROLLBACK TO SAVEPOINT part{part}", $"RELEASE SAVEPOINT part{part}"], patience);
    }

    public SqlError? Commit(SqlPatience patience)
    {
        var error = Doom;
        if (error is null && connection.HasBegun)
        {
            error = database.Commit(connection, isJudged: terms.Access == SqlAccess.Read, patience);
        }

        _isOver = true;
        Doom ??= error ?? Over();
        return error;
    }

    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        _isOver = true;
        Doom ??= Over();
        using var waiting = GuestThreads.Wait();
        connection.EndAsync().GetAwaiter().GetResult();
    }

    private static SqlError Over() => new(SqlOutcome.Failed, "25000", "The transaction is over.");

    private static string Beginning(SqlTerms terms) => "BEGIN" + terms.Isolation switch
    {
        SqlIsolation.ReadCommitted => " ISOLATION LEVEL READ COMMITTED",
        SqlIsolation.RepeatableRead => " ISOLATION LEVEL REPEATABLE READ",
        SqlIsolation.Serializable => " ISOLATION LEVEL SERIALIZABLE",
        _ => "",
    } + (terms.Access == SqlAccess.Read ? " READ ONLY" : "");

    private void Expect()
    {
        if (_saved == 0)
        {
            throw new InvalidOperationException("The transaction has no part that could end.");
        }
    }

    private SqlError? Own(List<string> statements, SqlPatience patience)
    {
        using var waiting = GuestThreads.Wait();
        Doom = connection.RunOwnAsync([.. _pending, .. statements], patience).GetAwaiter().GetResult();
        _pending.Clear();
        return Doom;
    }
}
