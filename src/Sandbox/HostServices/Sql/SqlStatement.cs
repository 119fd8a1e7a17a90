namespace HeliosEdge.Sandbox.HostServices.Sql;

/// <summary>One statement with its parameters.</summary>
/// <param name="Text">The statement; <c>?1</c>, <c>?2</c>… stand for parameters with SQLite, <c>$1</c>, <c>$2</c>… with PostgreSQL.</param>
/// <param name="Parameters">A JSON array, as <c>docs/data.md</c> has it for each type; empty for none.</param>
/// <param name="Access">Whether it may change anything.</param>
public readonly record struct SqlStatement(string Text, ReadOnlyMemory<byte> Parameters, SqlAccess Access);
