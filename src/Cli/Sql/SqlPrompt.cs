using System.Text;
using HeliosEdge.Cli.Output;
using HeliosEdge.Client;

namespace HeliosEdge.Cli.Sql;

/// <summary>Takes statements from a terminal, line by line.</summary>
internal sealed class SqlPrompt(SqlClient client, string database)
{
    private const string SqliteTables =
        "SELECT name, type FROM sqlite_schema WHERE type IN ('table', 'view') AND substr(name, 1, 7) <> 'sqlite_' ORDER BY name";

    private const string PostgreSqlTables =
        "SELECT table_schema, table_name, table_type FROM information_schema.tables "
        + "WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY table_schema, table_name";

    /// <summary>Runs until <c>\q</c> or the end of input.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var dialect = await client.DialectAsync(cancellationToken);
        Console.Out.WriteLine("A statement ends with ';'. \\d lists the tables, \\q ends.");
        var text = new StringBuilder();
        while (await ReadLineAsync(text.Length == 0 ? $"{ErrorLine.OneLine(database)}> " : "  ...> ", cancellationToken) is { } line)
        {
            if (text.Length == 0 && line.Trim() is ['\\', ..] command)
            {
                if (command == "\\q")
                {
                    return 0;
                }

                if (command == "\\d")
                {
                    await RunAsync(dialect == SqlDialect.Sqlite ? SqliteTables : PostgreSqlTables, dialect, cancellationToken);
                }
                else
                {
                    Console.Error.WriteLine(ErrorLine.OneLine($"'{command}' is no command; \\d lists the tables, \\q ends."));
                }

                continue;
            }

            text.AppendLine(line);
            var typed = text.ToString();
            if (SqlSplitter.IsWhole(typed, dialect))
            {
                text.Clear();
                foreach (var piece in SqlSplitter.Split(typed, dialect))
                {
                    await RunAsync(piece.Text, dialect, cancellationToken);
                }
            }
        }

        Console.Out.WriteLine();
        return 0;
    }

    private async Task RunAsync(string sql, SqlDialect dialect, CancellationToken cancellationToken)
    {
        try
        {
            await client.RunAsync(new SqlStatement(sql), dialect, line: 1, cancellationToken);
        }
        catch (EdgeException e)
        {
            ErrorLine.Write(e.Code, e.Detail, 0);
        }
    }

    // The console reads without a way to end it but Ctrl-C, which ends the command.
    private static Task<string?> ReadLineAsync(string prompt, CancellationToken cancellationToken)
    {
        Console.Out.Write(prompt);
        return Task.Run(Console.In.ReadLine, CancellationToken.None).WaitAsync(cancellationToken);
    }
}
