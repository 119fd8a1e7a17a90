using System.CommandLine;
using HeliosEdge.Cli.Output;
using HeliosEdge.Client;

namespace HeliosEdge.Cli.Commands;

internal sealed class CancelCommand : SiloCommand
{
    private readonly IdArgument _id = new("What invoke --async printed.");

    private readonly Option<bool> _json = new("--json") { Description = "Print a JSON object." };

    public CancelCommand()
        : base("cancel", "Takes a queued call back; one that runs is interrupted.")
    {
        Arguments.Add(_id);
        Options.Add(_json);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "helios cancel 0195f7c2-6a5e-7cc1-9d5b-3b1a3f6f2b11",
        "helios cancel 0195f7c2-6a5e-7cc1-9d5b-3b1a3f6f2b11 --json",
    ];

    protected override async Task<int> ExecuteAsync(ParseResult result, HttpEdgeClient silo, CancellationToken cancellationToken)
    {
        InvocationOutput.Write(await new InvocationHandle(silo, result.GetRequiredValue(_id)).CancelAsync(cancellationToken), result.GetValue(_json));
        return 0;
    }
}
