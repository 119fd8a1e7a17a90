using System.CommandLine;
using HeliosEdge.Cli.Output;
using HeliosEdge.Client;

namespace HeliosEdge.Cli.Commands;

internal sealed class StatusCommand : SiloCommand
{
    private const string UnknownInvocation = "invocation_not_found";

    private readonly IdArgument _id = new("What invoke --async or fanout --async printed.");

    private readonly Option<bool> _wait = new("--wait") { Description = "Wait until it has ended." };

    private readonly Option<bool> _json = new("--json") { Description = "Print a JSON object." };

    public StatusCommand()
        : base("status", "Shows a queued call or fan-out, with its result once it has one.")
    {
        Arguments.Add(_id);
        Options.Add(_wait);
        Options.Add(_json);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "helios status 0195f7c2-6a5e-7cc1-9d5b-3b1a3f6f2b11",
        "helios status 0195f7c2-6a5e-7cc1-9d5b-3b1a3f6f2b11 --wait --json",
    ];

    protected override async Task<int> ExecuteAsync(ParseResult result, HttpEdgeClient silo, CancellationToken cancellationToken)
    {
        var (id, wait, json) = (result.GetRequiredValue(_id), result.GetValue(_wait), result.GetValue(_json));
        InvocationInfo invocation;
        try
        {
            var handle = new InvocationHandle(silo, id);
            invocation = wait ? await handle.WaitAsync(cancellationToken) : await handle.StatusAsync(cancellationToken);
        }
        catch (EdgeException e) when (e.Code == UnknownInvocation)
        {
            var fanOut = new FanOutHandle(silo, id);
            InvocationOutput.Write(wait ? await fanOut.WaitAsync(cancellationToken) : await fanOut.StatusAsync(cancellationToken), json);
            return 0;
        }

        InvocationOutput.Write(invocation, json);
        return 0;
    }
}
