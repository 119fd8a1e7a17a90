namespace HeliosEdge.Client;

/// <summary>What a trigger is to be: which function judges which changes of which table.</summary>
public sealed record TriggerRegistration
{
    /// <summary>The database; null for <c>main</c>.</summary>
    public string? Database { get; init; }

    /// <summary>The table.</summary>
    public required string Table { get; init; }

    /// <summary>What it judges, such as <c>before_insert</c> and <c>after_update</c>.</summary>
    public required IReadOnlyList<string> Events { get; init; }

    /// <summary>The name of the function that judges.</summary>
    public required string Function { get; init; }

    /// <summary>An expression of SQL over <c>OLD</c> and <c>NEW</c> without which the function is not asked; null for none.</summary>
    public string? When { get; init; }

    /// <summary>The columns that the function gets; null or empty for all.</summary>
    public IReadOnlyList<string>? Columns { get; init; }
}
