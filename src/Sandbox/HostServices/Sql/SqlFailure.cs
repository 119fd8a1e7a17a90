namespace HeliosEdge.Sandbox.HostServices.Sql;

/// <summary>What is thrown where a statement of the silo's own failed.</summary>
public static class SqlFailure
{
    /// <summary>
    /// <see cref="ErrorCodes.Timeout"/>, <see cref="ErrorCodes.Overloaded"/>, <see cref="ErrorCodes.Unavailable"/>,
    /// <see cref="ErrorCodes.StatementConflict"/>, the code of what refused it, or <see cref="ErrorCodes.StatementFailed"/>.
    /// </summary>
    public static SandboxException Of(SqlError error) => new(CodeOf(error), error.Message);

    /// <summary>The stable error code of an error.</summary>
    public static string CodeOf(SqlError error) => error.Outcome switch
    {
        SqlOutcome.Cancelled => ErrorCodes.Timeout,
        SqlOutcome.Conflict => ErrorCodes.StatementConflict,
        SqlOutcome.Busy => ErrorCodes.Overloaded,
        SqlOutcome.DiskFull or SqlOutcome.Unavailable => ErrorCodes.Unavailable,
        _ => IsOfTrigger(error) ? error.Code : ErrorCodes.StatementFailed,
    };

    /// <summary>Whether a trigger refused it: nothing of its transaction stays then.</summary>
    public static bool IsOfTrigger(SqlError error) => error.Code is ErrorCodes.TriggerRejected or ErrorCodes.TriggerFailed or ErrorCodes.TriggerDepthExceeded;
}
