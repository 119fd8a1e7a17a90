namespace HeliosEdge.Sandbox.HostServices.Sql;

/// <summary>A statement was not carried out; the message is for whoever wrote it.</summary>
internal sealed class StatementException(SqlOutcome outcome, string message) : Exception(message)
{
    public SqlOutcome Outcome { get; } = outcome;
}
