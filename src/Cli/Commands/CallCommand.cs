using System.CommandLine;
using System.Text;
using HeliosEdge.Client;

namespace HeliosEdge.Cli.Commands;

internal sealed class CallCommand : SiloCommand
{
    private readonly Argument<string> _name = NameArgument("The procedure's name.", "procedure");

    private readonly Argument<string> _arguments = new("ARGUMENTS")
    {
        HelpName = "JSON|@FILE|-",
        Description = "Its arguments: a JSON array, a file of one after '@', or '-' for standard input; none otherwise.",
        Arity = ArgumentArity.ZeroOrOne,
        DefaultValueFactory = _ => "[]",
    };

    private readonly Option<string?> _region = RegionOption("The region whose data it is; the silo's choice otherwise.");

    private readonly CallOptionSet _call = new();

    private readonly Option<bool> _json = new("--json") { Description = "Changes nothing: what a procedure answers is JSON." };

    public CallCommand()
        : base("call", "Calls a procedure and prints the JSON that it answers.")
    {
        Arguments.Add(_name);
        Arguments.Add(_arguments);
        Options.Add(_region);
        _call.AddTo(this);
        Options.Add(_json);
    }

    public override IReadOnlyList<string> Examples =>
    [
        """helios call process-order '[{"customer": "Ada", "lines": [{"item": "tea", "count": 2}]}]'""",
        "helios call process-order @order.json --region eu-west --idempotency-key order-17",
    ];

    protected override async Task<int> ExecuteAsync(ParseResult result, HttpEdgeClient silo, CancellationToken cancellationToken)
    {
        var arguments = await PayloadOption.ReadAsync(result.GetRequiredValue(_arguments), cancellationToken);
        var answer = await silo.CallProcedureAsync(result.GetRequiredValue(_name), result.GetValue(_region), arguments, _call.Read(result), cancellationToken);
        Console.Out.WriteLine(Encoding.UTF8.GetString(answer.Payload.Span));
        return 0;
    }
}
