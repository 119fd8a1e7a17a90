namespace HeliosEdge.Sandbox.HostServices.Sql;

/// <summary>How a statement went.</summary>
/// <param name="Json">What it gave, as UTF-8 JSON; empty unless it succeeded.</param>
/// <param name="Error">Why it failed; null where it succeeded.</param>
public readonly record struct SqlAnswer(ReadOnlyMemory<byte> Json, SqlError? Error = null)
{
    /// <summary>The answer of a statement that was not carried out.</summary>
    public SqlAnswer(SqlError error)
        : this(default, error)
    {
    }

    /// <summary>In one word.</summary>
    public SqlOutcome Outcome => Error?.Outcome ?? SqlOutcome.Success;

    /// <summary>Why it failed; null where it succeeded.</summary>
    public string? Message => Error?.Message;
}
