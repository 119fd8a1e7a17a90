using HeliosEdge.Sandbox.HostServices.Sql;
using Npgsql;

namespace HeliosEdge.Data.Postgres;

/// <summary>
/// Refuses a login that could reach beyond its database: a superuser, one that may make roles, or one that reads or writes the server's
/// files or runs programs there, be it itself or as a role that it is a member of.
/// </summary>
internal static class PostgresLogin
{
    private const string Question =
        """
        SELECT r.rolname FROM pg_catalog.pg_roles r
        WHERE pg_catalog.pg_has_role(session_user, r.oid, 'MEMBER')
          AND (r.rolsuper OR r.rolcreaterole OR r.rolname IN ('pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program'))
        LIMIT 1
        """;

    /// <exception cref="StatementException">It is one of those.</exception>
    public static async Task CheckAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand(Question, connection);
        Judge(await command.ExecuteScalarAsync().ConfigureAwait(false));
    }

    /// <inheritdoc cref="CheckAsync"/>
    public static void Check(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand(Question, connection);
        Judge(command.ExecuteScalar());
    }

    private static void Judge(object? role)
    {
        if (role is not null)
        {
            throw new StatementException(
                SqlOutcome.Failed,
                "42501",
                $"HeliosEdge runs no statements of functions as a superuser, as a role that may make roles or that reaches the server's files or programs, or as a member of such a role (here of \"{role}\"). "
                + "Give it a role of its own: CREATE ROLE edge LOGIN PASSWORD '…' NOSUPERUSER NOCREATEROLE NOCREATEDB; GRANT CONNECT ON DATABASE … TO edge; and rights for its tables only.");
        }
    }
}
