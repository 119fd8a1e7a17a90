using System.CommandLine;
using System.Globalization;
using HeliosEdge.Cli.CommandLine;
using HeliosEdge.Cli.Output;
using HeliosEdge.Client;

namespace HeliosEdge.Cli.Commands;

internal sealed class ProceduresPutCommand : SiloCommand
{
    private readonly Argument<string> _name = NameArgument("The procedure's name; an existing procedure of that name gets a new version.", "procedure");

    private readonly Argument<string?> _file = new("FILE") { Description = "The module, a .wasm file.", Arity = ArgumentArity.ZeroOrOne };

    private readonly Option<string?> _function = new("--function") { HelpName = "F", Description = "A registered function whose module is taken, in place of a file." };

    private readonly Option<string?> _database = new("--database") { HelpName = "DB", Description = "The database in which each call is a transaction; main otherwise." };

    private readonly Option<string?> _mode = new("--mode") { HelpName = "MODE", Description = "read_write, or read_only, in which the database refuses all changes; read_write otherwise." };

    private readonly Option<string?> _isolation = new("--isolation")
    {
        HelpName = "LEVEL",
        Description = "What a transaction sees of others: default, read_committed, repeatable_read or serializable; default otherwise.",
    };

    private readonly NumberOption _retries = new("--retries", "How often it is run again after a conflict; 5 otherwise.", 0, 100);

    private readonly Option<string?> _sql = new("--sql") { HelpName = "KIND", Description = "Make it a function of SQL as well: scalar or aggregate." };

    private readonly NumberOption _arguments = new("--arguments", "With --sql: how many arguments it takes, or -1 for any number; -1 otherwise.", -1, 127);

    private readonly Option<bool> _deterministic = new("--deterministic") { Description = "With --sql: the same arguments always give the same result." };

    private readonly Option<string?> _entry = new("--entry") { HelpName = "EXPORT", Description = "The exported function to call; the usual one of the ABI otherwise." };

    private readonly Option<string[]> _regions = new("--region")
    {
        HelpName = "R",
        Description = "A region that shall serve it; may be given several times. None means all regions of the silo.",
    };

    private readonly RegistrationOptions _registration = new("database_only");

    private readonly Option<bool> _json = new("--json") { Description = "Print the procedure as JSON." };

    public ProceduresPutCommand()
        : base("put", "Registers a procedure, or a new version of it.")
    {
        _function.Validators.Add(result => CheckName(result, "function"));
        _database.Validators.Add(result => CheckName(result, "database"));
        _regions.Validators.Add(result => CheckName(result, "region"));
        Arguments.Add(_name);
        Arguments.Add(_file);
        foreach (var option in new Option[] { _function, _database, _mode, _isolation, _retries, _sql, _arguments, _deterministic, _entry, _regions })
        {
            Options.Add(option);
        }

        _registration.AddSharedTo(this);
        Options.Add(_json);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "helios procedures put process-order process_order.wasm",
        "helios procedures put report report.wasm --database orders --mode read_only --isolation repeatable_read --retries 0",
        "helios procedures put tax tax.wasm --sql scalar --arguments 1 --deterministic --profile minimal",
        "helios procedures put process-order --function orders --region eu-west --limit timeoutMs=2000",
    ];

    protected override async Task<int> ExecuteAsync(ParseResult result, HttpEdgeClient silo, CancellationToken cancellationToken)
    {
        // Before anything is sent: what is wrong with the command line leaves the silo as it was.
        var (name, file, function) = (result.GetRequiredValue(_name), result.GetValue(_file), result.GetValue(_function));
        if (file is null == function is null)
        {
            throw FailureException.Usage("Either a .wasm file or --function says what the procedure runs; one of them, not both.");
        }

        var registration = _registration.Apply(result, new ProcedureRegistration
        {
            Function = function,
            Database = result.GetValue(_database),
            Mode = result.GetValue(_mode),
            Isolation = result.GetValue(_isolation),
            Retries = (int?)result.GetValue(_retries),
            Sql = Sql(result),
            Entry = result.GetValue(_entry),
            Regions = result.GetValue(_regions) is { Length: > 0 } named ? named : null,
        });
        if (file is not null)
        {
            var module = await silo.UploadModuleAsync(await InputFile.ReadAsync(file, cancellationToken), cancellationToken);
            registration = registration with { Module = module.Hash };
        }

        var procedure = await silo.PutProcedureAsync(name, registration, cancellationToken);
        if (result.GetValue(_json))
        {
            Listing.WriteJson(procedure, CliJsonContext.Default.ProcedureInfo);
        }
        else
        {
            Report(procedure, silo.Address);
        }

        return procedure.Function.Deployments?.Any(region => region.State == "failed") == true ? ExitCode.Refused : 0;
    }

    private static void Report(ProcedureInfo procedure, Uri address)
    {
        if (procedure.Function.Deployments is { } regions)
        {
            DeployCommand.Report(procedure.Name, regions);
        }
        else
        {
            Console.Out.WriteLine($"Deployed {procedure.Name} to {string.Join(", ", procedure.Function.Regions)}.");
        }

        Console.Out.WriteLine($"  version      {procedure.Function.Version.ToString(CultureInfo.InvariantCulture)}");
        Console.Out.WriteLine($"  transaction  {procedure.Mode} in {procedure.Database}, isolation {procedure.Isolation}, up to {procedure.Retries.ToString(CultureInfo.InvariantCulture)} retries");
        Console.Out.WriteLine($"  call         POST {address.AbsoluteUri.TrimEnd('/')}/v1/procedures/{Uri.EscapeDataString(procedure.Name)}/call");
        foreach (var warning in procedure.Warnings ?? [])
        {
            Console.Out.WriteLine(ErrorLine.OneLine($"  warning      {warning}"));
        }
    }

    private SqlFunction? Sql(ParseResult result)
    {
        var (kind, arguments, deterministic) = (result.GetValue(_sql), (int?)result.GetValue(_arguments), result.GetValue(_deterministic));
        if (kind is not null)
        {
            return new SqlFunction { Kind = kind, Arguments = arguments, Deterministic = deterministic ? true : null };
        }

        return arguments is null && !deterministic ? null : throw FailureException.Usage("--arguments and --deterministic go with --sql.");
    }
}
