using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using HeliosEdge.Cli.Output;
using HeliosEdge.Client;

namespace HeliosEdge.Cli.Commands;

internal sealed class TrafficCommand : SiloCommand
{
    private readonly Argument<string> _name = NameArgument("The function's name.");

    private readonly Argument<IReadOnlyDictionary<int, int>?> _weights = new("VERSION=WEIGHT")
    {
        Description = "The weights of versions, such as 1=90 2=10; versions that are not named get no calls.",
        Arity = ArgumentArity.OneOrMore,
        CustomParser = Parse,
    };

    private readonly Option<bool> _json = new("--json") { Description = "Print the function as JSON." };

    public TrafficCommand()
        : base("traffic", "Divides the calls of a function among its versions.")
    {
        Arguments.Add(_name);
        Arguments.Add(_weights);
        Options.Add(_json);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "helios traffic greet 1=90 2=10",
        "helios traffic greet 2=1",
    ];

    protected override async Task<int> ExecuteAsync(ParseResult result, HttpEdgeClient silo, CancellationToken cancellationToken)
    {
        var function = await silo.SetTrafficAsync(result.GetRequiredValue(_name), result.GetRequiredValue(_weights)!, cancellationToken);
        if (result.GetValue(_json))
        {
            Listing.WriteJson(function, CliJsonContext.Default.FunctionInfo);
            return 0;
        }

        Console.Out.WriteLine(ErrorLine.OneLine($"{function.Name}: {TrafficText.Of(function)}"));
        return 0;
    }

    private static Dictionary<int, int>? Parse(ArgumentResult result)
    {
        var weights = new Dictionary<int, int>();
        foreach (var token in result.Tokens)
        {
            var parts = token.Value.Split('=');
            if (parts.Length != 2
                || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var version)
                || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var weight))
            {
                result.AddError($"'{token.Value}' is not of the form VERSION=WEIGHT, such as 2=10.");
                return null;
            }

            if (!weights.TryAdd(version, weight))
            {
                result.AddError($"Version {version} is given twice.");
                return null;
            }
        }

        return weights;
    }
}
