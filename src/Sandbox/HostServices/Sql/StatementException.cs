namespace HeliosEdge.Sandbox.HostServices.Sql;

/// <summary>A statement was not carried out; the message is for whoever wrote it.</summary>
internal sealed class StatementException(SqlError error) : Exception(error.Message)
{
    public StatementException(SqlOutcome outcome, string state, string message)
        : this(new SqlError(outcome, state, message))
    {
    }

    public SqlError Error { get; } = error;
}
