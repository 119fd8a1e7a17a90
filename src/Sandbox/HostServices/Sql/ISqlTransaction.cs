namespace HeliosEdge.Sandbox.HostServices.Sql;

/// <summary>A transaction in an SQL database. One thread at a time. Disposing of it rolls back what was not committed, and does not throw.</summary>
public interface ISqlTransaction : IDisposable
{
    /// <summary>Its database.</summary>
    ISqlDatabase Database { get; }

    /// <summary>What it was begun for.</summary>
    SqlTerms Terms { get; }

    /// <summary>
    /// Why it cannot be committed any more; null while it can. After a <see cref="SqlOutcome.Conflict"/> the whole of it may succeed when it is run again.
    /// </summary>
    SqlError? Doom { get; }

    /// <summary>Runs one statement; the answer is as of <see cref="ISqlDatabase.Run"/>.</summary>
    SqlAnswer Run(SqlStatement statement, SqlPatience patience);

    /// <summary>Begins a part that can be undone on its own; parts lie within each other.</summary>
    SqlError? Save(SqlPatience patience);

    /// <summary>Ends the innermost part and keeps it.</summary>
    SqlError? Keep(SqlPatience patience);

    /// <summary>Ends the innermost part and undoes it.</summary>
    SqlError? Undo(SqlPatience patience);

    /// <summary>Makes all of it last.</summary>
    /// <returns>Null once it does; else nothing of it was done, unless the outcome is <see cref="SqlOutcome.Unavailable"/>, which leaves it open.</returns>
    SqlError? Commit(SqlPatience patience);
}
