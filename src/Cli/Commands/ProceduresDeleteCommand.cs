using System.CommandLine;
using HeliosEdge.Cli.Output;
using HeliosEdge.Client;

namespace HeliosEdge.Cli.Commands;

internal sealed class ProceduresDeleteCommand : SiloCommand
{
    private readonly Argument<string> _name = NameArgument("The procedure's name.", "procedure");

    private readonly Option<bool> _json = new("--json") { Description = "Print the procedure's name as JSON." };

    public ProceduresDeleteCommand()
        : base("delete", "Removes a procedure with all its versions; their modules stay.")
    {
        Arguments.Add(_name);
        Options.Add(_json);
    }

    public override IReadOnlyList<string> Examples => ["helios procedures delete process-order"];

    protected override async Task<int> ExecuteAsync(ParseResult result, HttpEdgeClient silo, CancellationToken cancellationToken)
    {
        var name = result.GetRequiredValue(_name);
        await silo.DeleteProcedureAsync(name, cancellationToken);
        if (result.GetValue(_json))
        {
            Listing.WriteJson(new Named(name), CliJsonContext.Default.Named);
        }
        else
        {
            Console.Out.WriteLine(ErrorLine.OneLine($"Deleted the procedure {name}."));
        }

        return 0;
    }
}
