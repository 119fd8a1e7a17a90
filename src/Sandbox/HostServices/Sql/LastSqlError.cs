namespace HeliosEdge.Sandbox.HostServices.Sql;

/// <summary>Why the last statement of an invocation failed.</summary>
internal sealed class LastSqlError
{
    /// <summary>Null where it did not.</summary>
    public SqlError? Error { get; set; }
}
