using System.Text;
using HeliosEdge.Sandbox.HostServices.Sql;
using Npgsql;

namespace HeliosEdge.Data.Postgres;

/// <summary>Errors of PostgreSQL and of the way to it, as functions get them. None names the server or the login.</summary>
internal static class PostgresErrors
{
    private const int MaxMessage = 1_000;

    /// <summary>Whether it is an error of a statement or of the way to the database.</summary>
    public static bool IsOne(Exception e) =>
        e is StatementException or NpgsqlException or OperationCanceledException or IOException or TimeoutException or ObjectDisposedException or System.Net.Sockets.SocketException;

    public static SqlError Of(Exception e) => e switch
    {
        StatementException refused => refused.Error,
        PostgresException postgres => Of(postgres),
        OperationCanceledException => new SqlError(SqlOutcome.Cancelled, "57014", "The statement was cancelled at the deadline, or with its call."),
        _ => new SqlError(SqlOutcome.Unavailable, "08006", "The database does not answer."),
    };

    /// <summary>What keeps a connection from being opened; only the operator can do something about it.</summary>
    public static SqlError OfOpening(Exception e) => e switch
    {
        StatementException or OperationCanceledException => Of(e),
        PostgresException { SqlState: PostgresErrorCodes.TooManyConnections } => new SqlError(SqlOutcome.Busy, "53300", "The database takes no more connections."),
        PostgresException postgres => new SqlError(SqlOutcome.Unavailable, postgres.SqlState, "The database does not let HeliosEdge in now."),
        _ => new SqlError(SqlOutcome.Unavailable, "08001", "The database cannot be reached."),
    };

    private static SqlError Of(PostgresException e) => new(OutcomeOf(e), e.SqlState, MessageOf(e), e.Position > 0 ? e.Position : null);

    private static SqlOutcome OutcomeOf(PostgresException e) => e.SqlState switch
    {
        "57014" => SqlOutcome.Cancelled,
        "40001" or "40P01" or "55P03" => SqlOutcome.Conflict,
        "53100" => SqlOutcome.DiskFull,
        "53300" => SqlOutcome.Busy,

        // The wrong number of parameters, among others: the connection is well.
        "08P01" => SqlOutcome.Failed,
        "57P01" or "57P02" or "57P03" => SqlOutcome.Unavailable,
        var state when state.StartsWith("08", StringComparison.Ordinal) => SqlOutcome.Unavailable,
        _ => e.InvariantSeverity is "FATAL" or "PANIC" ? SqlOutcome.Unavailable : SqlOutcome.Failed,
    };

    private static string MessageOf(PostgresException e)
    {
        var message = new StringBuilder(e.MessageText);
        if (!string.IsNullOrEmpty(e.Detail))
        {
            message.Append(" (").Append(e.Detail).Append(')');
        }

        if (!string.IsNullOrEmpty(e.Hint))
        {
            message.Append(" (").Append(e.Hint).Append(')');
        }

        if (message.Length <= MaxMessage)
        {
            return message.ToString();
        }

        // No half of a surrogate pair at the end.
        var end = char.IsHighSurrogate(message[MaxMessage - 1]) ? MaxMessage - 1 : MaxMessage;
        return message.ToString(0, end) + "…";
    }
}
