using System.CommandLine;
using HeliosEdge.Cli.Output;
using HeliosEdge.Client;

namespace HeliosEdge.Cli.Commands;

internal sealed class PipelinesCommand : SiloCommand
{
    private static readonly (string, string) Thing = ("pipeline", "order-totals");

    private readonly DatabaseOptions _where = new();

    private readonly Option<bool> _json = new("--json") { Description = "Print a JSON array." };

    public PipelinesCommand()
        : base("pipelines", "Lists the pipelines of a database, with how far each has come.")
    {
        _where.AddTo(this);
        Options.Add(_json);
        Subcommands.Add(new PipelinesPutCommand());
        Subcommands.Add(new DatabaseChangeCommand(
            Thing, "pause", "Has a pipeline wait; changes are held for it.", "Paused", (silo, name, database, region, cancellationToken) => silo.PausePipelineAsync(name, database, region, cancellationToken)));
        Subcommands.Add(new DatabaseChangeCommand(
            Thing, "resume", "Has a pipeline go on that waits or has stopped.", "Resumed", (silo, name, database, region, cancellationToken) => silo.ResumePipelineAsync(name, database, region, cancellationToken)));
        Subcommands.Add(new PipelinesReplayCommand());
        Subcommands.Add(new PipelinesWaitCommand());
        Subcommands.Add(new PipelinesDeadCommand());
        Subcommands.Add(new DatabaseChangeCommand(
            Thing, "delete", "Removes a pipeline with all that is held for it.", "Deleted", (silo, name, database, region, cancellationToken) => silo.DeletePipelineAsync(name, database, region, cancellationToken)));
    }

    public override IReadOnlyList<string> Examples =>
    [
        "helios pipelines",
        "helios pipelines put order-totals --table orders --function order-totals --sink-table order_totals --snapshot initial",
        "helios pipelines pause order-totals",
        "helios pipelines replay order-totals snapshot",
        "helios pipelines dead order-totals --retry",
    ];

    protected override async Task<int> ExecuteAsync(ParseResult result, HttpEdgeClient silo, CancellationToken cancellationToken)
    {
        var pipelines = await silo.ListPipelinesAsync(_where.Database(result), _where.Region(result), cancellationToken);
        if (result.GetValue(_json))
        {
            Listing.WriteJson(pipelines, CliJsonContext.Default.IReadOnlyListPipelineInfo);
            return 0;
        }

        PipelineOutput.WriteTable(pipelines);
        return 0;
    }
}
