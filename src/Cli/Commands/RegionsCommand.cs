using System.CommandLine;
using System.Globalization;
using HeliosEdge.Cli.Output;
using HeliosEdge.Client;

namespace HeliosEdge.Cli.Commands;

internal sealed class RegionsCommand : SiloCommand
{
    private readonly Option<bool> _json = new("--json") { Description = "Print a JSON array." };

    public RegionsCommand()
        : base("regions", "Lists the regions that the silo serves, and those of other silos with their state.")
    {
        Options.Add(_json);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "helios regions",
        "helios regions --json --url http://127.0.0.1:9090",
    ];

    protected override async Task<int> ExecuteAsync(ParseResult result, HttpEdgeClient silo, CancellationToken cancellationToken)
    {
        var regions = await silo.ListRegionsAsync(cancellationToken);
        if (result.GetValue(_json))
        {
            Listing.WriteJson(regions, CliJsonContext.Default.IReadOnlyListRegionInfo);
            return 0;
        }

        var table = Listing.Table("REGION", "FUNCTIONS", "STATE", "LATENCY", "LAST CONTACT");
        foreach (var region in regions)
        {
            table.AddTextRow(
                region.Name,
                region.Functions.ToString(CultureInfo.InvariantCulture),
                region.Problem is { } problem ? $"{region.State}: {problem}" : region.State,
                region.LatencyMs is { } latency ? string.Create(CultureInfo.InvariantCulture, $"{latency:0.0} ms") : "-",
                region.LastContact?.ToString("u", CultureInfo.InvariantCulture) ?? "-");
        }

        Listing.Write(table);
        return 0;
    }
}
