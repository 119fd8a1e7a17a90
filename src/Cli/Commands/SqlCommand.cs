using System.CommandLine;
using System.Text;
using System.Text.Json;
using HeliosEdge.Cli.CommandLine;
using HeliosEdge.Cli.Sql;
using HeliosEdge.Client;

namespace HeliosEdge.Cli.Commands;

internal sealed class SqlCommand : SiloCommand
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly Argument<string> _database = new("DB") { Description = "The database's name, such as main." };

    private readonly Argument<string?> _statement = new("SQL")
    {
        Description = "The statement. Without it, and without -f, statements are read from the terminal.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string?> _file = new("--file", "-f")
    {
        HelpName = "FILE",
        Description = "A file of statements, which run in one transaction: all or nothing.",
    };

    private readonly Option<string?> _region = RegionOption("The region whose database it is; the silo's first one otherwise.");

    private readonly Option<string?> _parameters = new("--params")
    {
        HelpName = "JSON",
        Description = "The statement's parameters, as a JSON array.",
    };

    private readonly Option<string?> _format = new("--format")
    {
        HelpName = "FORMAT",
        Description = "table, json or csv; table on a terminal, else json.",
    };

    private readonly Option<bool> _write = new("--write") { Description = "Let the statement change something although it looks like a query, such as WITH … INSERT." };

    private readonly Option<bool> _json = new("--json") { Description = "The same as --format json." };

    public SqlCommand()
        : base("sql", "Runs SQL in a database of a region.")
    {
        _database.Validators.Add(result => CheckName(result, "database"));
        _format.AcceptOnlyFromAmong("table", "json", "csv");
        Arguments.Add(_database);
        Arguments.Add(_statement);
        Options.Add(_file);
        Options.Add(_region);
        Options.Add(_parameters);
        Options.Add(_format);
        Options.Add(_write);
        Options.Add(_json);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "helios sql main \"SELECT * FROM people\"",
        "helios sql main \"INSERT INTO people (name) VALUES (?1)\" --params '[\"Ada\"]'",
        "helios sql main -f schema.sql --region eu-west",
        "helios sql main \"SELECT * FROM people\" --format csv > people.csv",
        "helios sql main",
    ];

    protected override async Task<int> ExecuteAsync(ParseResult result, HttpEdgeClient silo, CancellationToken cancellationToken)
    {
        var (statement, file, database) = (result.GetValue(_statement), result.GetValue(_file), result.GetRequiredValue(_database));
        if (statement is not null && file is not null)
        {
            throw FailureException.Usage("There is a statement and -f; give one of them.");
        }

        var parameters = Parameters(result);
        if (parameters is not null && statement is null)
        {
            throw FailureException.Usage("--params is for one statement on the command line.");
        }

        var client = new SqlClient(silo, database, result.GetValue(_region), result.GetValue(_write), new SqlOutput(Format(result)));
        if (statement is not null)
        {
            // How it begins is the same in all of them but for comments within each other.
            return await client.RunAsync(new SqlStatement(statement) { Params = parameters }, SqlDialect.Sqlite, line: 1, cancellationToken);
        }

        if (file is not null)
        {
            var pieces = SqlSplitter.Split(await ReadAsync(file, cancellationToken), await client.DialectAsync(cancellationToken));
            return pieces.Count == 0 ? throw FailureException.Usage($"There is no statement in '{file}'.") : await client.RunAsync(pieces, cancellationToken);
        }

        return Console.IsInputRedirected
            ? throw FailureException.Usage("There is no statement, no -f, and no terminal to read statements from.")
            : await new SqlPrompt(client, database).RunAsync(cancellationToken);
    }

    private static async Task<string> ReadAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            return Utf8.GetString(await InputFile.ReadAsync(file, cancellationToken)).TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException e)
        {
            throw new FailureException("file_unreadable", $"'{file}' is not UTF-8.", ExitCode.Usage, e);
        }
    }

    private List<JsonElement>? Parameters(ParseResult result)
    {
        if (result.GetValue(_parameters) is not { } text)
        {
            return null;
        }

        try
        {
            using var json = JsonDocument.Parse(text);
            return json.RootElement.ValueKind == JsonValueKind.Array
                ? [.. json.RootElement.EnumerateArray().Select(value => value.Clone())]
                : throw FailureException.Usage($"--params: '{text}' is not a JSON array, such as '[1, \"Ada\", null]'.");
        }
        catch (JsonException e)
        {
            throw FailureException.Usage($"--params is no JSON: {e.Message}");
        }
    }

    private SqlFormat Format(ParseResult result) => (result.GetValue(_format), result.GetValue(_json)) switch
    {
        (not null and not "json", true) => throw FailureException.Usage("--json is --format json; there is another --format."),
        (_, true) or ("json", _) => SqlFormat.Json,
        ("csv", _) => SqlFormat.Csv,
        ("table", _) => SqlFormat.Table,
        _ => Console.IsOutputRedirected ? SqlFormat.Json : SqlFormat.Table,
    };
}
