namespace HeliosEdge.Client;

/// <summary>A trigger of a database, and what it has done since the silo began.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Database">Its database.</param>
/// <param name="Table">Its table.</param>
/// <param name="Events">What it judges, such as <c>before_insert</c>.</param>
/// <param name="Function">The function that judges.</param>
/// <param name="Enabled">Whether it judges; one that does not lets everything pass.</param>
public sealed record TriggerInfo(string Name, string Database, string Table, IReadOnlyList<string> Events, string Function, bool Enabled)
{
    /// <summary>The condition without which the function is not asked; null for none.</summary>
    public string? When { get; init; }

    /// <summary>The columns that the function gets; empty for all.</summary>
    public IReadOnlyList<string> Columns { get; init; } = [];

    /// <summary>Rows that the function was asked about.</summary>
    public long Fired { get; init; }

    /// <summary>Rows that it rejected.</summary>
    public long Rejected { get; init; }

    /// <summary>Rows that were refused because it failed.</summary>
    public long Failed { get; init; }

    /// <summary>What was said of the last row that it rejected or failed at; null for none.</summary>
    public string? LastError { get; init; }
}
