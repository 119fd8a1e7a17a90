using System.CommandLine;
using System.Globalization;
using HeliosEdge.Cli.CommandLine;
using HeliosEdge.Cli.Output;
using HeliosEdge.Client;
using Spectre.Console;

namespace HeliosEdge.Cli.Commands;

internal sealed class FanOutCommand : SiloCommand
{
    private readonly Argument<string> _name = NameArgument("The function's name.");

    private readonly Option<string[]> _regions = new("--region")
    {
        HelpName = "R",
        Description = "A region to call; may be given several times. All that serve the function otherwise.",
    };

    private readonly Option<string> _mode = new("--mode")
    {
        HelpName = "MODE",
        Description = "all waits for every region, first for one success, quorum for as many as --quorum says.",
        DefaultValueFactory = _ => "all",
    };

    private readonly NumberOption _quorum = new("--quorum", "How many regions must succeed, with --mode quorum.", 1, 1_000);

    private readonly PayloadOption _data = new();

    private readonly Option<bool> _async = new("--async") { Description = "Queue the calls, print the fan-out's id, and do not wait; helios status tells the rest." };

    private readonly CallOptionSet _call = new();

    private readonly Option<bool> _json = new("--json") { Description = "Print a line of JSON for each region as it answers." };

    public FanOutCommand()
        : base("fanout", "Invokes a function in many regions and shows each answer as it comes.")
    {
        _mode.AcceptOnlyFromAmong("all", "first", "quorum");
        _regions.Validators.Add(result => CheckName(result, "region"));
        Arguments.Add(_name);
        Options.Add(_regions);
        Options.Add(_mode);
        Options.Add(_quorum);
        Options.Add(_data);
        Options.Add(_async);
        _call.AddTo(this);
        Options.Add(_json);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "helios fanout greet --data Ada",
        "helios fanout lookup --data key --mode quorum --quorum 2 --deadline-ms 500",
        "helios fanout warm --region eu-west --region us-east --async",
    ];

    protected override async Task<int> ExecuteAsync(ParseResult result, HttpEdgeClient silo, CancellationToken cancellationToken)
    {
        var request = new FanOutRequest
        {
            Regions = result.GetValue(_regions) is { Length: > 0 } regions ? regions : null,
            Mode = Enum.Parse<FanOutMode>(result.GetRequiredValue(_mode), ignoreCase: true),
            Quorum = (int?)result.GetValue(_quorum),
            Payload = await _data.ReadAsync(result, cancellationToken),
        };
        if (request.Mode == FanOutMode.Quorum != request.Quorum is not null)
        {
            throw FailureException.Usage("--quorum goes with --mode quorum, and --mode quorum needs it.");
        }

        var name = result.GetRequiredValue(_name);
        if (result.GetValue(_async))
        {
            AcceptedOutput.Write((await silo.EnqueueFanOutAsync(name, request, _call.Read(result), cancellationToken)).Id, result.GetValue(_json));
            return 0;
        }

        var answers = silo.FanOutAsync(name, request, _call.Deadline(result), cancellationToken);
        var succeeded = 0;
        var failed = 0;
        await foreach (var answer in result.GetValue(_json)
            ? JsonLinesAsync(answers)
            : LinesAsync(answers, await FanOutProgress.BeginAsync(silo, name, request, cancellationToken)))
        {
            _ = answer.Problem is null ? succeeded++ : failed++;
        }

        return (request.Mode, request.Quorum) switch
        {
            (FanOutMode.First, _) => succeeded >= 1,
            (FanOutMode.Quorum, { } quorum) => succeeded >= quorum,
            _ => failed == 0,
        } ? ExitCode.Success : ExitCode.Refused;
    }

    private static async IAsyncEnumerable<RegionResult> JsonLinesAsync(IAsyncEnumerable<RegionResult> answers)
    {
        await foreach (var answer in answers)
        {
            Listing.WriteJsonLine(answer, CliJsonContext.Default.RegionResult);
            yield return answer;
        }
    }

    private static async IAsyncEnumerable<RegionResult> LinesAsync(IAsyncEnumerable<RegionResult> answers, FanOutProgress progress)
    {
        using (progress)
        {
            await foreach (var answer in answers)
            {
                var text = answer.Problem is { } problem ? $"{problem.Code}: {problem.Detail}" : answer.Body ?? $"base64:{answer.BodyBase64}";
                var milliseconds = (answer.DurationUs / 1_000.0).ToString("0.0", CultureInfo.InvariantCulture);
                var line = ErrorLine.OneLine($"{answer.Region,-16} {answer.Status} {milliseconds,10} ms  {text}");
                progress.Hide();
                if (Console.IsOutputRedirected)
                {
                    Console.Out.WriteLine(line);
                }
                else
                {
                    AnsiConsole.Write(new Text($"{line}\n", new Style(answer.Problem is null ? Color.Green : Color.Red)));
                }

                progress.Answered(answer.Region);
                yield return answer;
            }
        }
    }
}
