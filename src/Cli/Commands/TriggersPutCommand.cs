using System.CommandLine;
using HeliosEdge.Cli.Output;
using HeliosEdge.Client;

namespace HeliosEdge.Cli.Commands;

internal sealed class TriggersPutCommand : SiloCommand
{
    private readonly Argument<string> _name = NameArgument("The trigger's name; an existing trigger of that name is replaced.", "trigger");

    private readonly Option<string> _table = new("--table") { HelpName = "T", Description = "The table whose rows it judges.", Required = true };

    private readonly Option<string[]> _events = new("--event")
    {
        HelpName = "EVENT",
        Description = "What it judges: before_insert, after_insert, before_update, after_update, before_delete or after_delete; may be given several times.",
        Required = true,
    };

    private readonly Option<string> _function = new("--function") { HelpName = "F", Description = "The registered function that judges.", Required = true };

    private readonly Option<string?> _when = new("--when")
    {
        HelpName = "SQL",
        Description = "An expression over OLD and NEW without which the function is not asked, such as 'NEW.total > 100'.",
    };

    private readonly Option<string[]> _columns = new("--column")
    {
        HelpName = "C",
        Description = "A column that the function gets; all otherwise. May be given several times.",
    };

    private readonly DatabaseOptions _where = new();

    private readonly Option<bool> _json = new("--json") { Description = "Print the trigger as JSON." };

    public TriggersPutCommand()
        : base("put", "Has a function judge changes of a table's rows.")
    {
        _function.Validators.Add(result => CheckName(result, "function"));
        Arguments.Add(_name);
        Options.Add(_table);
        Options.Add(_events);
        Options.Add(_function);
        Options.Add(_when);
        Options.Add(_columns);
        _where.AddTo(this);
        Options.Add(_json);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "helios triggers put validate-order --table orders --event before_insert --event before_update --function validate-order",
        "helios triggers put large --table orders --event before_insert --function large-order --when 'NEW.total > 100000' --column total --region eu-west",
    ];

    protected override async Task<int> ExecuteAsync(ParseResult result, HttpEdgeClient silo, CancellationToken cancellationToken)
    {
        var registration = new TriggerRegistration
        {
            Database = _where.Database(result),
            Table = result.GetRequiredValue(_table),
            Events = result.GetRequiredValue(_events),
            Function = result.GetRequiredValue(_function),
            When = result.GetValue(_when),
            Columns = result.GetValue(_columns) is { Length: > 0 } columns ? columns : null,
        };
        var trigger = await silo.PutTriggerAsync(result.GetRequiredValue(_name), registration, _where.Region(result), cancellationToken);
        if (result.GetValue(_json))
        {
            Listing.WriteJson(trigger, CliJsonContext.Default.TriggerInfo);
            return 0;
        }

        Console.Out.WriteLine(ErrorLine.OneLine($"{trigger.Function} judges {string.Join(", ", trigger.Events)} of {trigger.Table} in {trigger.Database}, as the trigger {trigger.Name}."));
        return 0;
    }
}
