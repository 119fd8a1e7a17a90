using System.CommandLine;
using System.Globalization;
using HeliosEdge.Cli.Output;
using HeliosEdge.Client;

namespace HeliosEdge.Cli.Commands;

internal sealed class ProceduresCommand : SiloCommand
{
    private readonly Option<bool> _json = new("--json") { Description = "Print a JSON array." };

    public ProceduresCommand()
        : base("procedures", "Lists the procedures: functions each of whose calls is one transaction.")
    {
        Options.Add(_json);
        Subcommands.Add(new ProceduresPutCommand());
        Subcommands.Add(new ProceduresDeleteCommand());
    }

    public override IReadOnlyList<string> Examples =>
    [
        "helios procedures",
        "helios procedures put process-order process_order.wasm",
        "helios procedures --json | jq -r '.[].name'",
        "helios procedures delete process-order",
    ];

    protected override async Task<int> ExecuteAsync(ParseResult result, HttpEdgeClient silo, CancellationToken cancellationToken)
    {
        var procedures = await silo.ListProceduresAsync(cancellationToken).ToListAsync(cancellationToken);
        if (result.GetValue(_json))
        {
            Listing.WriteJson(procedures, CliJsonContext.Default.IReadOnlyListProcedureInfo);
            return 0;
        }

        var table = Listing.Table("NAME", "DATABASE", "MODE", "ISOLATION", "RETRIES", "SQL", "VERSION", "REGIONS");
        foreach (var procedure in procedures)
        {
            table.AddTextRow(
                procedure.Name,
                procedure.Database,
                procedure.Mode,
                procedure.Isolation,
                Number(procedure.Retries),
                procedure.Sql is { } sql ? $"{sql.Kind}({(sql.Arguments is { } count and >= 0 ? Number(count) : "any")})" : "-",
                Number(procedure.Function.Version),
                string.Join(", ", procedure.Function.Regions));
        }

        Listing.Write(table);
        return 0;
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
