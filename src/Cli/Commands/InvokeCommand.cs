using System.CommandLine;
using HeliosEdge.Cli.CommandLine;
using HeliosEdge.Cli.Output;
using HeliosEdge.Client;

namespace HeliosEdge.Cli.Commands;

internal sealed class InvokeCommand : SiloCommand
{
    private readonly Argument<string> _name = NameArgument("The function's name.");

    private readonly Option<string?> _region = RegionOption("The region that shall run it; the silo's choice otherwise.");

    private readonly Option<string[]> _failover = new("--failover")
    {
        HelpName = "R",
        Description = "A region to try where the one before cannot be reached; may be given several times.",
    };

    private readonly PayloadOption _data = new();

    private readonly Option<bool> _async = new("--async") { Description = "Queue the call, print its id, and do not wait; helios status tells the rest." };

    private readonly CallOptionSet _call = new();

    private readonly Option<bool> _json = new("--json") { Description = "With --async, print a JSON object." };

    public InvokeCommand()
        : base("invoke", "Invokes a function and writes its response to standard output, byte for byte.")
    {
        Arguments.Add(_name);
        Options.Add(_region);
        _failover.Validators.Add(result => CheckName(result, "region"));
        Options.Add(_failover);
        Options.Add(_data);
        Options.Add(_async);
        _call.AddTo(this);
        Options.Add(_json);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "helios invoke greet --data Ada",
        "helios invoke report --data @orders.csv --async --idempotency-key orders-2026-03",
        "helios invoke thumbnail --region eu-west --data @photo.ppm > small.ppm",
        "helios invoke greet --region eu-west --failover us-east --failover ap-south --data Ada",
        "cat book.txt | helios invoke wordcount --data -",
    ];

    protected override async Task<int> ExecuteAsync(ParseResult result, HttpEdgeClient silo, CancellationToken cancellationToken)
    {
        var (name, region) = (result.GetRequiredValue(_name), result.GetValue(_region));
        var payload = await _data.ReadAsync(result, cancellationToken);
        if (result.GetValue(_async))
        {
            if (result.GetValue(_failover) is { Length: > 0 })
            {
                throw FailureException.Usage("--failover is for calls that are waited for, not for --async.");
            }

            var handle = await silo.EnqueueAsync(name, region, payload, _call.Read(result), cancellationToken);
            AcceptedOutput.Write(handle.Id, result.GetValue(_json));
            return 0;
        }

        if (result.GetValue(_json))
        {
            throw FailureException.Usage("--json goes with --async; without it the response is written byte for byte.");
        }

        var options = _call.Read(result) with { Failover = result.GetValue(_failover) ?? [] };
        var response = await silo.InvokeAsync(name, region, payload, options, cancellationToken);
        await using var output = Console.OpenStandardOutput();
        await output.WriteAsync(response.Payload, cancellationToken);
        return 0;
    }
}
