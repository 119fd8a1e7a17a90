using System.CommandLine;
using HeliosEdge.Cli.Output;
using HeliosEdge.Client;

namespace HeliosEdge.Cli.Commands;

internal sealed class RollbackCommand : SiloCommand
{
    private readonly Argument<string> _name = NameArgument("The function's name.");

    private readonly NumberOption _to = new("--to", "The version that gets all calls; the one before the current one otherwise.", 1, int.MaxValue);

    private readonly Option<bool> _json = new("--json") { Description = "Print the function as JSON." };

    public RollbackCommand()
        : base("rollback", "Gives all calls of a function to an earlier version.")
    {
        Arguments.Add(_name);
        Options.Add(_to);
        Options.Add(_json);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "helios rollback greet",
        "helios rollback greet --to 3",
    ];

    protected override async Task<int> ExecuteAsync(ParseResult result, HttpEdgeClient silo, CancellationToken cancellationToken)
    {
        var function = await silo.RollbackFunctionAsync(result.GetRequiredValue(_name), (int?)result.GetValue(_to), cancellationToken);
        if (result.GetValue(_json))
        {
            Listing.WriteJson(function, CliJsonContext.Default.FunctionInfo);
            return 0;
        }

        Console.Out.WriteLine(ErrorLine.OneLine($"{function.Name}: {TrafficText.Of(function)}"));
        return 0;
    }
}
