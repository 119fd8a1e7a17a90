using System.CommandLine;
using System.Globalization;
using HeliosEdge.Cli.Output;
using HeliosEdge.Client;

namespace HeliosEdge.Cli.Commands;

internal sealed class VersionsCommand : SiloCommand
{
    private const int ShownHashDigits = 12;

    private readonly Argument<string> _name = NameArgument("The function's name.");

    private readonly Option<bool> _json = new("--json") { Description = "Print a JSON array." };

    public VersionsCommand()
        : base("versions", "Lists the versions of a function, the newest first.")
    {
        Arguments.Add(_name);
        Options.Add(_json);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "helios versions greet",
        "helios versions greet --json | jq '.[] | select(.weight > 0).version'",
    ];

    protected override async Task<int> ExecuteAsync(ParseResult result, HttpEdgeClient silo, CancellationToken cancellationToken)
    {
        var versions = await silo.ListVersionsAsync(result.GetRequiredValue(_name), cancellationToken).ToListAsync(cancellationToken);
        if (result.GetValue(_json))
        {
            Listing.WriteJson(versions, CliJsonContext.Default.IReadOnlyListFunctionVersionInfo);
            return 0;
        }

        var table = Listing.Table("VERSION", "WEIGHT", "MADE", "MODULE", "ENTRY", "REGIONS");
        foreach (var version in versions)
        {
            var module = version.Function.Module;
            table.AddTextRow(
                version.Version.ToString(CultureInfo.InvariantCulture),
                version.Weight == 0 ? "-" : version.Weight.ToString(CultureInfo.InvariantCulture),
                version.CreatedAt.UtcDateTime.ToString("u", CultureInfo.InvariantCulture),
                module.Length > ShownHashDigits ? module[..ShownHashDigits] : module,
                version.Function.Entry,
                string.Join(", ", version.Function.Regions));
        }

        Listing.Write(table);
        return 0;
    }
}
