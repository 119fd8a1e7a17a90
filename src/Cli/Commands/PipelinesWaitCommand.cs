using System.CommandLine;
using HeliosEdge.Cli.CommandLine;
using HeliosEdge.Cli.Output;
using HeliosEdge.Client;

namespace HeliosEdge.Cli.Commands;

internal sealed class PipelinesWaitCommand : SiloCommand
{
    private const int DefaultSeconds = 60;

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    private readonly Argument<string> _name = NameArgument("The pipeline's name.", "pipeline");

    private readonly DatabaseOptions _where = new();

    private readonly NumberOption _timeout = new("--timeout", "Seconds to wait at most; 60 otherwise.", 1, 86_400);

    private readonly Option<bool> _json = new("--json") { Description = "Print the pipeline as JSON." };

    public PipelinesWaitCommand()
        : base("wait", "Waits until a pipeline has delivered what there is.")
    {
        Arguments.Add(_name);
        _where.AddTo(this);
        Options.Add(_timeout);
        Options.Add(_json);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "helios pipelines wait order-totals",
        "helios pipelines wait order-totals --database orders --timeout 600",
    ];

    protected override async Task<int> ExecuteAsync(ParseResult result, HttpEdgeClient silo, CancellationToken cancellationToken)
    {
        var name = result.GetRequiredValue(_name);
        var pipeline = await WaitAsync(silo, name, result, cancellationToken);
        if (result.GetValue(_json))
        {
            Listing.WriteJson(pipeline, CliJsonContext.Default.PipelineInfo);
        }
        else
        {
            Console.Out.WriteLine(ErrorLine.OneLine($"The pipeline {name} has delivered what there is."));
        }

        return 0;
    }

    private async Task<PipelineInfo> WaitAsync(HttpEdgeClient silo, string name, ParseResult result, CancellationToken cancellationToken)
    {
        var seconds = result.GetValue(_timeout) ?? DefaultSeconds;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(seconds));
        PipelineInfo? last = null;
        try
        {
            while (true)
            {
                last = (await silo.ListPipelinesAsync(_where.Database(result), _where.Region(result), patience.Token)).FirstOrDefault(pipeline => pipeline.Name == name)
                    ?? throw new FailureException("pipeline_not_found", $"There is no pipeline \"{name}\".", ExitCode.Refused);
                if (last.State != "running")
                {
                    throw new FailureException("pipeline_stopped", $"The pipeline {name} is {last.State}{(last.Reason is null ? "." : $": {last.Reason}")}", ExitCode.Refused);
                }

                if (last is { Taken: true, Lag.Seconds: 0 })
                {
                    return last;
                }

                await Task.Delay(LookEvery, patience.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new FailureException("timeout", $"The pipeline {name} is still {last?.Lag.Seconds ?? 0:0.#} s late after {seconds} s.", ExitCode.Refused);
        }
    }
}
