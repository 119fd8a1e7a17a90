using System.CommandLine;
using System.Globalization;
using HeliosEdge.Cli.Output;
using HeliosEdge.Client;

namespace HeliosEdge.Cli.Commands;

internal sealed class AuditCommand : SiloCommand
{
    private const int DefaultLimit = 50;

    private readonly NumberOption _limit = new("--limit", $"Show up to N changes; {DefaultLimit} otherwise.", 1, 1_000_000);

    private readonly Option<bool> _json = new("--json") { Description = "Print a JSON array." };

    public AuditCommand()
        : base("audit", "Lists changes and who made them, the newest first.")
    {
        Options.Add(_limit);
        Options.Add(_json);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "helios audit",
        "helios audit --limit 1000 --json | jq '.[] | select(.action == \"key.create\")'",
    ];

    protected override async Task<int> ExecuteAsync(ParseResult result, HttpEdgeClient silo, CancellationToken cancellationToken)
    {
        var limit = (int)(result.GetValue(_limit) ?? DefaultLimit);
        var changes = new List<ChangeInfo>();
        await foreach (var change in silo.ListChangesAsync(cancellationToken))
        {
            changes.Add(change);
            if (changes.Count == limit)
            {
                break;
            }
        }

        if (result.GetValue(_json))
        {
            Listing.WriteJson(changes, CliJsonContext.Default.IReadOnlyListChangeInfo);
            return 0;
        }

        var table = Listing.Table("AT", "WHO", "FROM", "CHANGE", "OF", "STATUS");
        foreach (var change in changes)
        {
            table.AddTextRow(
                change.At.UtcDateTime.ToString("u", CultureInfo.InvariantCulture),
                change.Who,
                change.Address.Length > 0 ? change.Address : "-",
                change.Action,
                change.Target,
                change.Status?.ToString(CultureInfo.InvariantCulture) ?? "-");
        }

        Listing.Write(table);
        return 0;
    }
}
