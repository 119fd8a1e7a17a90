using System.CommandLine;
using System.Globalization;
using HeliosEdge.Cli.Output;
using HeliosEdge.Client;

namespace HeliosEdge.Cli.Commands;

internal sealed class DescribeCommand : SiloCommand
{
    private const string Nothing = "-";

    private readonly Argument<string> _name = NameArgument("The function's name.");

    private readonly Option<bool> _json = new("--json") { Description = "Print a JSON object." };

    public DescribeCommand()
        : base("describe", "Shows all limits and settings of a function.")
    {
        Arguments.Add(_name);
        Options.Add(_json);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "helios describe greet",
        "helios describe greet --json | jq .limits.timeoutMs",
    ];

    protected override async Task<int> ExecuteAsync(ParseResult result, HttpEdgeClient silo, CancellationToken cancellationToken)
    {
        var function = await silo.GetFunctionAsync(result.GetRequiredValue(_name), cancellationToken);
        if (result.GetValue(_json))
        {
            Listing.WriteJson(function, CliJsonContext.Default.FunctionInfo);
            return 0;
        }

        Line("name", function.Name);
        Line("version", function.Version.ToString(CultureInfo.InvariantCulture));
        Line("traffic", TrafficText.Of(function));
        Line("module", function.Module);
        Line("abi", function.Abi);
        Line("entry", function.Entry);
        Line("engine", function.Engine ?? Nothing);
        Line("regions", string.Join(", ", function.Regions));
        Line("profile", function.Profile);
        Line("capabilities", function.Capabilities.Count == 0 ? Nothing : string.Join(", ", function.Capabilities));
        Section("limits", LimitNames.All.Select(limit => (limit.Name, limit.Get(function.Limits)?.ToString(CultureInfo.InvariantCulture) ?? Nothing)));
        Section("env", Pairs(function.Env));
        Section("args", function.Args.Select((value, i) => (i.ToString(CultureInfo.InvariantCulture), value)));
        Section("config", Pairs(function.Config));
        Section("allowed hosts", function.AllowedHosts.Select(host => (host, string.Empty)));
        Section("bundles", Pairs(function.Bundles));
        return 0;
    }

    private static IEnumerable<(string Name, string Value)> Pairs(IReadOnlyDictionary<string, string> map) =>
        map.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => (pair.Key, pair.Value));

    private static void Section(string title, IEnumerable<(string Name, string Value)> lines)
    {
        var all = lines.ToArray();
        if (all.Length == 0)
        {
            return;
        }

        Line(title, string.Empty);
        var width = all.Max(line => line.Name.Length);
        foreach (var (name, value) in all)
        {
            Console.Out.WriteLine(ErrorLine.OneLine($"  {name.PadRight(width)}  {value}"));
        }
    }

    private static void Line(string name, string value) => Console.Out.WriteLine(ErrorLine.OneLine($"{name,-14}{value}"));
}
