using System.CommandLine;
using HeliosEdge.Cli.Output;
using HeliosEdge.Client;

namespace HeliosEdge.Cli.Commands;

/// <summary>Enables, disables or deletes a trigger.</summary>
internal sealed class TriggersChangeCommand : SiloCommand
{
    private readonly Argument<string> _name = NameArgument("The trigger's name.", "trigger");

    private readonly DatabaseOptions _where = new();

    private readonly Option<bool> _json = new("--json") { Description = "Print the trigger's name as JSON." };

    private readonly string _done;

    private readonly Func<HttpEdgeClient, string, string?, string?, CancellationToken, Task> _change;

    public TriggersChangeCommand(string verb, string description, string done, Func<HttpEdgeClient, string, string?, string?, CancellationToken, Task> change)
        : base(verb, description)
    {
        (_done, _change) = (done, change);
        Arguments.Add(_name);
        _where.AddTo(this);
        Options.Add(_json);
    }

    public override IReadOnlyList<string> Examples =>
    [
        $"helios triggers {Name} validate-order",
        $"helios triggers {Name} validate-order --database main --region eu-west",
    ];

    protected override async Task<int> ExecuteAsync(ParseResult result, HttpEdgeClient silo, CancellationToken cancellationToken)
    {
        var name = result.GetRequiredValue(_name);
        await _change(silo, name, _where.Database(result), _where.Region(result), cancellationToken);
        if (result.GetValue(_json))
        {
            Listing.WriteJson(new Named(name), CliJsonContext.Default.Named);
        }
        else
        {
            Console.Out.WriteLine(ErrorLine.OneLine($"{_done} the trigger {name}."));
        }

        return 0;
    }
}
