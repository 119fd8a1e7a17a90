using System.CommandLine;
using HeliosEdge.Cli.Output;
using HeliosEdge.Client;

namespace HeliosEdge.Cli.Commands;

/// <summary>Pauses, resumes or deletes a pipeline.</summary>
internal sealed class PipelinesChangeCommand : SiloCommand
{
    private readonly Argument<string> _name = NameArgument("The pipeline's name.", "pipeline");

    private readonly DatabaseOptions _where = new();

    private readonly Option<bool> _json = new("--json") { Description = "Print the pipeline's name as JSON." };

    private readonly string _done;

    private readonly Func<HttpEdgeClient, string, string?, string?, CancellationToken, Task> _change;

    public PipelinesChangeCommand(string verb, string description, string done, Func<HttpEdgeClient, string, string?, string?, CancellationToken, Task> change)
        : base(verb, description)
    {
        (_done, _change) = (done, change);
        Arguments.Add(_name);
        _where.AddTo(this);
        Options.Add(_json);
    }

    public override IReadOnlyList<string> Examples =>
    [
        $"helios pipelines {Name} order-totals",
        $"helios pipelines {Name} order-totals --database orders --region eu-west",
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
            Console.Out.WriteLine(ErrorLine.OneLine($"{_done} the pipeline {name}."));
        }

        return 0;
    }
}
