namespace HeliosEdge.Sandbox.HostServices.Sql;

/// <summary>A transaction on a connection that nobody else has meanwhile.</summary>
internal sealed class RegionTransaction(RegionDatabase database, SqlTerms terms, RegionConnection connection, Action<RegionConnection> leave) : ISqlTransaction
{
    private int _saved;
    private bool _isOver;

    public ISqlDatabase Database => database;

    public SqlTerms Terms => terms;

    public SqlError? Doom { get; private set; }

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

        var answer = connection.RunWithin(statement, patience);
        Judge(answer.Error);
        return answer;
    }

    public SqlError? Save(SqlPatience patience) => Doom ?? Own($"SAVEPOINT part{++_saved}", patience);

    public SqlError? Keep(SqlPatience patience) => Doom ?? Own($"RELEASE part{_saved--}", patience);

    public SqlError? Undo(SqlPatience patience)
    {
        var part = _saved--;
        return Doom ?? Own($"ROLLBACK TO part{part}", patience) ?? Own($"RELEASE part{part}", patience);
    }

    public SqlError? Commit(SqlPatience patience)
    {
        var error = Doom ?? Own(connection.Commit, patience);
        Doom ??= new SqlError(SqlOutcome.Failed, "25000", "The transaction is over.");
        return error;
    }

    public void Dispose()
    {
        if (_isOver)
        {
            return;
        }

        _isOver = true;
        Doom ??= new SqlError(SqlOutcome.Failed, "25000", "The transaction is over.");
        connection.End();
        leave(connection);
    }

    private SqlError? Own(string sql, SqlPatience patience) => Own(patience => connection.RunOwn(sql, patience), patience);

    private SqlError? Own(Action<SqlPatience> run, SqlPatience patience)
    {
        try
        {
            run(patience);
            return null;
        }
        catch (StatementException e)
        {
            Judge(e.Error);
            return e.Error;
        }
    }

    /// <summary>A statement that fails is undone alone, unless SQLite had to roll everything back, or nobody waits any more.</summary>
    private void Judge(SqlError? error)
    {
        if (error is null || Doom is not null)
        {
            return;
        }

        if (error.Outcome != SqlOutcome.Failed || SqlFailure.IsOfTrigger(error) || connection.IsBroken || !connection.IsInTransaction)
        {
            Doom = error;
        }
    }
}
