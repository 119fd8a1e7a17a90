using System.CommandLine;
using System.Globalization;
using HeliosEdge.Cli.Output;
using HeliosEdge.Client;

namespace HeliosEdge.Cli.Commands;

internal sealed class FunctionsCommand : SiloCommand
{
    // Enough of a hash for a person to tell modules apart; --json has all of it.
    private const int ShownHashDigits = 12;

    private readonly Option<string?> _region = RegionOption("Only the functions registered in this region.");

    private readonly Option<bool> _json = new("--json") { Description = "Print a JSON array." };

    public FunctionsCommand()
        : base("functions", "Lists the registered functions; describe shows all of one.")
    {
        Options.Add(_region);
        Options.Add(_json);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "helios functions",
        "helios functions --region eu-west",
        "helios functions --json | jq -r '.[].name'",
    ];

    protected override async Task<int> ExecuteAsync(ParseResult result, HttpEdgeClient silo, CancellationToken cancellationToken)
    {
        var functions = await silo.ListFunctionsAsync(result.GetValue(_region), cancellationToken).ToListAsync(cancellationToken);
        if (result.GetValue(_json))
        {
            Listing.WriteJson(functions, CliJsonContext.Default.IReadOnlyListFunctionInfo);
            return 0;
        }

        var table = Listing.Table("NAME", "MODULE", "ENTRY", "PROFILE", "REGIONS", "MEMORY", "TIMEOUT");
        foreach (var function in functions)
        {
            table.AddTextRow(
                function.Name,
                function.Module.Length > ShownHashDigits ? function.Module[..ShownHashDigits] : function.Module,
                function.Entry,
                function.Profile,
                string.Join(", ", function.Regions),
                Limit(function.Limits.MemoryMiB, "MiB"),
                Limit(function.Limits.TimeoutMs, "ms"));
        }

        Listing.Write(table);
        return 0;
    }

    private static string Limit(int? value, string unit) =>
        value is { } number ? $"{number.ToString(CultureInfo.InvariantCulture)} {unit}" : "-";
}
