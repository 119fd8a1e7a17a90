using HeliosEdge.Cli.CommandLine;
using HeliosEdge.Cli.Output;
using HeliosEdge.Client;

namespace HeliosEdge.Cli.Sql;

/// <summary>Sends statements to one database and writes what they give, or where they failed.</summary>
internal sealed class SqlClient(HttpEdgeClient silo, string database, string? region, bool write, SqlOutput output)
{
    private SqlDialect? _dialect;

    /// <summary>Whose SQL the database speaks.</summary>
    /// <exception cref="FailureException">There is no such database.</exception>
    public async Task<SqlDialect> DialectAsync(CancellationToken cancellationToken)
    {
        if (_dialect is { } known)
        {
            return known;
        }

        var databases = await silo.ListDatabasesAsync(region, cancellationToken);
        var kind = databases.FirstOrDefault(there => there.Name == database)?.Kind ?? throw new FailureException(
            "database_not_found",
            $"There is no database \"{database}\"; there is {(databases.Count == 0 ? "none" : string.Join(", ", databases.Select(there => there.Name)))}.",
            ExitCode.Refused);
        return (_dialect = kind == "postgresql" ? SqlDialect.PostgreSql : SqlDialect.Sqlite).Value;
    }

    /// <summary>Runs one statement.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(SqlStatement statement, SqlDialect dialect, int line, CancellationToken cancellationToken)
    {
        try
        {
            output.Write(!write && StatementWord.IsQuery(statement.Sql, dialect)
                ? await silo.QueryAsync(database, statement, region, cancellationToken: cancellationToken)
                : await silo.ExecuteAsync(database, statement, region, cancellationToken: cancellationToken));
            return ExitCode.Success;
        }
        catch (EdgeStatementException e)
        {
            return Failed(e, new SqlPiece(statement.Sql, line));
        }
    }

    /// <summary>Runs statements in one transaction.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(IReadOnlyList<SqlPiece> pieces, CancellationToken cancellationToken)
    {
        try
        {
            output.Write(await silo.BatchAsync(database, [.. pieces.Select(piece => new SqlStatement(piece.Text))], region, cancellationToken: cancellationToken));
            return ExitCode.Success;
        }
        catch (EdgeStatementException e)
        {
            return Failed(e, e.Statement is { } number && number >= 0 && number < pieces.Count ? pieces[number] : null);
        }
    }

    private static int Failed(EdgeStatementException e, SqlPiece? piece)
    {
        var code = ErrorLine.Write(e.Code, e.SqlState is { } state ? $"{e.Detail} (SQLSTATE {state})" : e.Detail, ExitCode.Refused);
        if (piece is not null)
        {
            foreach (var line in StatementMark.Lines(piece.Text, e.Position, piece.Line))
            {
                Console.Error.WriteLine(line);
            }
        }

        return code;
    }
}
