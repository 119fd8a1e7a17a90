using System.CommandLine;
using System.Globalization;
using HeliosEdge.Cli.Output;
using HeliosEdge.Client;

namespace HeliosEdge.Cli.Commands;

internal sealed class TriggersCommand : SiloCommand
{
    private static readonly (string, string) Thing = ("trigger", "validate-order");

    private readonly DatabaseOptions _where = new();

    private readonly Option<bool> _json = new("--json") { Description = "Print a JSON array." };

    public TriggersCommand()
        : base("triggers", "Lists the triggers of a database, with what they have done since the silo began.")
    {
        _where.AddTo(this);
        Options.Add(_json);
        Subcommands.Add(new TriggersPutCommand());
        Subcommands.Add(new DatabaseChangeCommand(
            Thing, "enable", "Has a trigger judge again.", "Enabled", (silo, name, database, region, cancellationToken) => silo.EnableTriggerAsync(name, database, region, cancellationToken)));
        Subcommands.Add(new DatabaseChangeCommand(
            Thing, "disable", "Has a trigger let everything pass.", "Disabled", (silo, name, database, region, cancellationToken) => silo.DisableTriggerAsync(name, database, region, cancellationToken)));
        Subcommands.Add(new DatabaseChangeCommand(Thing, "delete", "Removes a trigger.", "Deleted", (silo, name, database, region, cancellationToken) => silo.DeleteTriggerAsync(name, database, region, cancellationToken)));
    }

    public override IReadOnlyList<string> Examples =>
    [
        "helios triggers",
        "helios triggers put validate-order --table orders --event before_insert --event before_update --function validate-order",
        "helios triggers disable validate-order",
        "helios triggers --database main --region eu-west --json | jq -r '.[] | select(.failed > 0).lastError'",
    ];

    protected override async Task<int> ExecuteAsync(ParseResult result, HttpEdgeClient silo, CancellationToken cancellationToken)
    {
        var triggers = await silo.ListTriggersAsync(_where.Database(result), _where.Region(result), cancellationToken);
        if (result.GetValue(_json))
        {
            Listing.WriteJson(triggers, CliJsonContext.Default.IReadOnlyListTriggerInfo);
            return 0;
        }

        var table = Listing.Table("NAME", "TABLE", "EVENTS", "FUNCTION", "STATE", "FIRED", "REJECTED", "FAILED", "LAST ERROR");
        foreach (var trigger in triggers)
        {
            table.AddTextRow(
                trigger.Name,
                trigger.Table,
                string.Join(", ", trigger.Events),
                trigger.Function,
                trigger.Enabled ? "enabled" : "disabled",
                Count(trigger.Fired),
                Count(trigger.Rejected),
                Count(trigger.Failed),
                trigger.LastError ?? "-");
        }

        Listing.Write(table);
        return 0;
    }

    private static string Count(long number) => number.ToString(CultureInfo.InvariantCulture);
}
