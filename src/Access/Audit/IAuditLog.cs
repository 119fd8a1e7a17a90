namespace HeliosEdge.Access.Audit;

/// <summary>The log of changes; added to, and its oldest entries forgotten where the operator wants that.</summary>
internal interface IAuditLog
{
    /// <summary>Writes that a change is about to be made, and returns the entry's number.</summary>
    Task<long> BeginAsync(AuditEntry entry);

    /// <summary>Writes what became of it.</summary>
    /// <param name="number">The entry.</param>
    /// <param name="target">What was changed.</param>
    /// <param name="status">The HTTP status of the answer.</param>
    Task CompleteAsync(long number, string target, int status);

    /// <summary>Reads entries, the newest first.</summary>
    /// <param name="before">Only those with a smaller number; null for the newest of all.</param>
    /// <param name="limit">How many at most.</param>
    Task<IReadOnlyList<AuditEntry>> ReadAsync(long? before, int limit);

    /// <summary>Removes the entries that began before a time.</summary>
    /// <returns>How many they were.</returns>
    Task<int> ForgetAsync(DateTimeOffset before);
}
