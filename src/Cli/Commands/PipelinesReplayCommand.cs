using System.CommandLine;
using HeliosEdge.Cli.Output;
using HeliosEdge.Client;

namespace HeliosEdge.Cli.Commands;

internal sealed class PipelinesReplayCommand : SiloCommand
{
    private readonly Argument<string> _name = NameArgument("The pipeline's name.", "pipeline");

    private readonly Argument<string> _from = new("FROM")
    {
        Description = "A position that 'helios pipelines' has shown, or 'snapshot' for everything, beginning with the rows that are there.",
    };

    private readonly DatabaseOptions _where = new();

    private readonly Option<bool> _json = new("--json") { Description = "Print the pipeline as JSON." };

    public PipelinesReplayCommand()
        : base("replay", "Has a pipeline deliver again.")
    {
        Arguments.Add(_name);
        Arguments.Add(_from);
        _where.AddTo(this);
        Options.Add(_json);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "helios pipelines replay order-totals 1042",
        "helios pipelines replay order-totals snapshot --database orders",
    ];

    protected override async Task<int> ExecuteAsync(ParseResult result, HttpEdgeClient silo, CancellationToken cancellationToken)
    {
        var pipeline = await silo.ReplayPipelineAsync(
            result.GetRequiredValue(_name), result.GetRequiredValue(_from), _where.Database(result), _where.Region(result), cancellationToken);
        if (result.GetValue(_json))
        {
            Listing.WriteJson(pipeline, CliJsonContext.Default.PipelineInfo);
        }
        else
        {
            Console.Out.WriteLine(ErrorLine.OneLine($"The pipeline {pipeline.Name} delivers again from {result.GetRequiredValue(_from)}."));
        }

        return 0;
    }
}
