using System.CommandLine;
using HeliosEdge.Cli.Output;
using HeliosEdge.Client;

namespace HeliosEdge.Cli.Commands;

internal sealed class PipelinesPutCommand : SiloCommand
{
    private readonly Argument<string> _name = NameArgument("The pipeline's name; an existing pipeline of that name is replaced and goes on where it was.", "pipeline");

    private readonly Option<string[]> _tables = new("--table")
    {
        HelpName = "T",
        Description = "A table whose changes are wanted, in PostgreSQL also as schema.table; may be given several times.",
        Required = true,
    };

    private readonly Option<string> _function = new("--function") { HelpName = "F", Description = "The registered function that gets the changes.", Required = true };

    private readonly Option<string?> _snapshot = new("--snapshot")
    {
        HelpName = "WHEN",
        Description = "initial: the rows that are there come first; never: they do not; never otherwise.",
    };

    private readonly Option<string?> _order = new("--order")
    {
        HelpName = "ORDER",
        Description = "table: all changes stay in order; key: those of each row do, and different rows come at the same time; table otherwise.",
    };

    private readonly Option<string?> _onError = new("--on-error")
    {
        HelpName = "WHAT",
        Description = "What becomes of a change that is not taken: retry, skip or stop; retry otherwise.",
    };

    private readonly NumberOption _maxRows = new("--max-rows", "Changes that come at once, at most; 500 otherwise.", 1, int.MaxValue);

    private readonly NumberOption _maxWait = new("--max-wait-ms", "Milliseconds that a change waits for others to come with it; 50 otherwise.", 0, int.MaxValue);

    private readonly NumberOption _maxRetained = new("--max-retained-mib", "MiB of changes not delivered yet that the database may hold for it; 1024 otherwise.", 1, int.MaxValue);

    private readonly Option<string?> _sinkTable = new("--sink-table") { HelpName = "T", Description = "A table of the same database that gets what the function answers." };

    private readonly Option<string?> _sinkFunction = new("--sink-function") { HelpName = "F", Description = "A function that gets what the function answers." };

    private readonly Option<string?> _webhook = new("--webhook") { HelpName = "URL", Description = "An address that what the function answers is posted to." };

    private readonly DatabaseOptions _where = new();

    private readonly Option<bool> _json = new("--json") { Description = "Print the pipeline as JSON." };

    public PipelinesPutCommand()
        : base("put", "Has a function get the changes of tables, in the order in which they were committed.")
    {
        _function.Validators.Add(result => CheckName(result, "function"));
        Arguments.Add(_name);
        foreach (var option in new Option[] { _tables, _function, _snapshot, _order, _onError, _maxRows, _maxWait, _maxRetained, _sinkTable, _sinkFunction, _webhook })
        {
            Options.Add(option);
        }

        _where.AddTo(this);
        Options.Add(_json);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "helios pipelines put order-totals --table orders --function order-totals --sink-table order_totals --snapshot initial",
        "helios pipelines put mail --database shop --table public.orders --function mail --order key --on-error stop",
        "helios pipelines put search --table products --function to-index --webhook https://search.example.com/bulk --max-rows 100",
    ];

    protected override async Task<int> ExecuteAsync(ParseResult result, HttpEdgeClient silo, CancellationToken cancellationToken)
    {
        var sink = new PipelineSink { Table = result.GetValue(_sinkTable), Function = result.GetValue(_sinkFunction), Webhook = result.GetValue(_webhook) };
        var registration = new PipelineRegistration
        {
            Source = new PipelineSource(result.GetRequiredValue(_tables)) { Database = _where.Database(result), Snapshot = result.GetValue(_snapshot) },
            Function = result.GetRequiredValue(_function),
            Batch = new PipelineBatch { MaxRows = (int?)result.GetValue(_maxRows), MaxWaitMs = (int?)result.GetValue(_maxWait) },
            Order = result.GetValue(_order),
            OnError = result.GetValue(_onError),
            MaxRetainedMiB = (int?)result.GetValue(_maxRetained),
            Sink = sink == new PipelineSink() ? null : sink,
        };
        var pipeline = await silo.PutPipelineAsync(result.GetRequiredValue(_name), registration, _where.Region(result), cancellationToken);
        if (result.GetValue(_json))
        {
            Listing.WriteJson(pipeline, CliJsonContext.Default.PipelineInfo);
            return 0;
        }

        Console.Out.WriteLine(ErrorLine.OneLine(
            $"{pipeline.Function} gets the changes of {string.Join(", ", pipeline.Source.Tables)} in {pipeline.Source.Database}, as the pipeline {pipeline.Name}."));
        return 0;
    }
}
