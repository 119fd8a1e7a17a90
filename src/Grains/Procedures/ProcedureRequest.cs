namespace HeliosEdge.Grains.Procedures;

/// <summary>What somebody wants a procedure to be, beyond the function that it is; nothing of it is checked yet.</summary>
/// <param name="Database">The database; null for <c>main</c>.</param>
/// <param name="Mode">Whether it may change anything; null for <c>read_write</c>.</param>
/// <param name="Isolation">What it sees of other transactions; null for <c>default</c>.</param>
/// <param name="Retries">How often it is run again after a conflict; null for the default.</param>
/// <param name="Sql">What is to make it a function of SQL as well; null for nothing.</param>
public sealed record ProcedureRequest(string? Database, string? Mode, string? Isolation, long? Retries, SqlFunctionRequest? Sql = null);
