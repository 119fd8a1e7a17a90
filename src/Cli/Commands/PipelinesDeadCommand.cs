using System.CommandLine;
using System.Globalization;
using HeliosEdge.Cli.Output;
using HeliosEdge.Client;

namespace HeliosEdge.Cli.Commands;

internal sealed class PipelinesDeadCommand : SiloCommand
{
    private readonly Argument<string> _name = NameArgument("The pipeline's name.", "pipeline");

    private readonly DatabaseOptions _where = new();

    private readonly NumberOption _id = new("--id", "Only the change with this number.", 1, long.MaxValue);

    private readonly Option<bool> _retry = new("--retry") { Description = "Deliver those that are listed once more, and forget those that are taken." };

    private readonly Option<bool> _discard = new("--discard") { Description = "Forget those that are listed." };

    private readonly Option<bool> _json = new("--json") { Description = "Print a JSON array, with the events." };

    public PipelinesDeadCommand()
        : base("dead", "Lists changes that a pipeline's function, or its sink, did not take; delivers them again or forgets them.")
    {
        Arguments.Add(_name);
        _where.AddTo(this);
        Options.Add(_id);
        Options.Add(_retry);
        Options.Add(_discard);
        Options.Add(_json);
        Validators.Add(result =>
        {
            if (result.GetValue(_retry) && result.GetValue(_discard))
            {
                result.AddError("--retry and --discard exclude each other.");
            }
        });
    }

    public override IReadOnlyList<string> Examples =>
    [
        "helios pipelines dead order-totals",
        "helios pipelines dead order-totals --retry",
        "helios pipelines dead order-totals --id 7 --discard",
    ];

    protected override async Task<int> ExecuteAsync(ParseResult result, HttpEdgeClient silo, CancellationToken cancellationToken)
    {
        var (name, database, region, id) = (result.GetRequiredValue(_name), _where.Database(result), _where.Region(result), result.GetValue(_id));
        var dead = new List<DeadChange>();
        await foreach (var change in silo.ListDeadChangesAsync(name, database, region, cancellationToken))
        {
            if (id is null || change.Id == id)
            {
                dead.Add(change);
            }
        }

        foreach (var change in dead)
        {
            // In order; the first that is still not taken ends it, and its error is shown.
            if (result.GetValue(_retry))
            {
                await silo.RetryDeadChangeAsync(name, change.Id, database, region, cancellationToken);
            }
            else if (result.GetValue(_discard))
            {
                await silo.DiscardDeadChangeAsync(name, change.Id, database, region, cancellationToken);
            }
        }

        if (result.GetValue(_json))
        {
            Listing.WriteJson(dead, CliJsonContext.Default.IReadOnlyListDeadChange);
            return 0;
        }

        var table = Listing.Table("ID", "AT", "CODE", "ERROR");
        foreach (var change in dead)
        {
            table.AddTextRow(change.Id.ToString(CultureInfo.InvariantCulture), change.At.ToString("u", CultureInfo.InvariantCulture), change.Code, change.Message);
        }

        Listing.Write(table);
        return 0;
    }
}
