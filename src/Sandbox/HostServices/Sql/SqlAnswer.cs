namespace HeliosEdge.Sandbox.HostServices.Sql;

/// <summary>How a statement went.</summary>
/// <param name="Outcome">In one word.</param>
/// <param name="Json">What it gave, as UTF-8 JSON; empty unless it succeeded.</param>
/// <param name="Message">Why it failed; null where it succeeded.</param>
public readonly record struct SqlAnswer(SqlOutcome Outcome, ReadOnlyMemory<byte> Json, string? Message = null);
