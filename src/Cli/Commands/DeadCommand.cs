using System.CommandLine;
using HeliosEdge.Cli.Output;
using HeliosEdge.Client;

namespace HeliosEdge.Cli.Commands;

internal sealed class DeadCommand : SiloCommand
{
    private readonly Option<string?> _function = new("--function") { HelpName = "NAME", Description = "Only calls of this function." };

    private readonly Option<bool> _retry = new("--retry") { Description = "Queue all that are listed again, with all of their attempts." };

    private readonly Option<bool> _json = new("--json") { Description = "Print a JSON array." };

    public DeadCommand()
        : base("dead", "Lists queued calls that have failed as often as they may, and queues them again.")
    {
        Options.Add(_function);
        Options.Add(_retry);
        Options.Add(_json);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "helios dead",
        "helios dead --function report --retry",
    ];

    protected override async Task<int> ExecuteAsync(ParseResult result, HttpEdgeClient silo, CancellationToken cancellationToken)
    {
        var dead = new List<InvocationInfo>();
        await foreach (var invocation in silo.ListInvocationsAsync(InvocationState.Dead, result.GetValue(_function), cancellationToken))
        {
            dead.Add(invocation);
        }

        if (result.GetValue(_retry))
        {
            for (var i = 0; i < dead.Count; i++)
            {
                dead[i] = await silo.RetryInvocationAsync(dead[i].Id, cancellationToken);
            }
        }

        if (result.GetValue(_json))
        {
            Listing.WriteJson(dead, CliJsonContext.Default.IReadOnlyListInvocationInfo);
            return 0;
        }

        InvocationOutput.WriteTable(dead);
        return 0;
    }
}
