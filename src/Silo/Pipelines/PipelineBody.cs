using HeliosEdge.Grains.Abstractions.Pipelines;
using HeliosEdge.Grains.Pipelines;
using HeliosEdge.Sandbox;
using HeliosEdge.Sandbox.Security;
using HeliosEdge.Silo.Http;

namespace HeliosEdge.Silo.Pipelines;

/// <summary>The body of a pipeline's registration.</summary>
/// <param name="Source">What the pipeline gets the changes of.</param>
/// <param name="Function">The function that gets them, as {"pipeline": "…", "events": […]} with events in Debezium's form.</param>
/// <param name="Batch">How many come at once.</param>
/// <param name="Order">table: all changes stay in order; key: those of each row do, and different rows come at the same time. table if not stated.</param>
/// <param name="OnError">What becomes of a change that is not taken: retry tries some times and then puts it among the dead changes, skip puts it there at once, stop stops before it. retry if not stated.</param>
/// <param name="MaxRetainedMiB">MiB of changes not delivered yet that the database may hold for it; 1024 if not stated.</param>
/// <param name="Sink">What gets the function's answers; nothing if not stated.</param>
internal sealed record PipelineBody(
    PipelineSourceBody Source, string Function, PipelineBatchBody? Batch, string? Order, string? OnError, int? MaxRetainedMiB, PipelineSinkTerms? Sink)
{
    private static readonly string[] Members = ["source", "function", "batch", "order", "onError", "maxRetainedMiB", "sink"];

    /// <summary>Reads a body.</summary>
    /// <exception cref="SandboxException"><see cref="ErrorCodes.InvalidParameter"/>, naming the member.</exception>
    public static PipelineTerms Parse(ReadOnlyMemory<byte> json) => JsonMembers.Parse(json, Members, body =>
    {
        var source = body.OptionalObject("source", "database", "tables", "snapshot")
            ?? throw new SandboxException(ErrorCodes.InvalidParameter, "source is missing; it has database, tables and snapshot.");
        var batch = body.OptionalObject("batch", "maxRows", "maxWaitMs");
        var sink = body.OptionalObject("sink", "table", "function", "webhook");
        return new PipelineTerms
        {
            Source = new PipelineSource
            {
                Database = source.OptionalString("database") ?? SecurityProfile.MainDatabase,
                Tables = [.. source.OptionalStrings("tables")],
                Snapshot = source.OptionalString("snapshot") ?? PipelineLimits.DefaultSnapshot,
            },
            Function = body.RequiredString("function"),
            Batch = new PipelineBatch
            {
                MaxRows = Number(batch?.OptionalInteger("maxRows"), PipelineLimits.DefaultMaxRows),
                MaxWaitMs = Number(batch?.OptionalInteger("maxWaitMs"), PipelineLimits.DefaultMaxWaitMs),
            },
            Order = body.OptionalString("order") ?? PipelineLimits.DefaultOrder,
            OnError = body.OptionalString("onError") ?? PipelineLimits.DefaultOnError,
            MaxRetainedMiB = Number(body.OptionalInteger("maxRetainedMiB"), PipelineLimits.DefaultMaxRetainedMiB),
            Sink = sink is null ? null : new PipelineSinkTerms { Table = sink.OptionalString("table"), Function = sink.OptionalString("function"), Webhook = sink.OptionalString("webhook") },
        };
    });

    // What is beyond is beyond every limit.
    private static int Number(long? stated, int otherwise) => stated is { } number ? (int)Math.Clamp(number, int.MinValue, int.MaxValue) : otherwise;
}
