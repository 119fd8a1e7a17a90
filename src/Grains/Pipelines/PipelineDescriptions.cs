using HeliosEdge.Grains.Abstractions.Pipelines;
using HeliosEdge.Sandbox.HostServices.Sql.Changes;

namespace HeliosEdge.Grains.Pipelines;

/// <summary>Pipelines as they are shown.</summary>
internal static class PipelineDescriptions
{
    private static readonly TimeSpan OfLate = TimeSpan.FromSeconds(10);

    /// <summary>A pipeline of a database.</summary>
    public static PipelineDescription Of(string database, PipelineStatus pipeline)
    {
        var definition = pipeline.Definition;
        return new PipelineDescription
        {
            Name = definition.Name,
            Source = new PipelineSource { Database = database, Tables = definition.Tables, Snapshot = definition.Snapshot ? PipelineCheck.Initial : PipelineCheck.Never },
            Function = definition.Function,
            Batch = new PipelineBatch { MaxRows = definition.MaxRows, MaxWaitMs = definition.MaxWaitMs },
            Order = PipelineWords.Of(definition.Order),
            OnError = PipelineWords.Of(definition.OnError),
            MaxRetainedMiB = definition.MaxRetainedMiB,
            Sink = definition.Sink is { } sink ? new PipelineSinkTerms { Table = sink.Table, Function = sink.Function, Webhook = sink.Webhook } : null,
            State = PipelineStates.Word(pipeline.State),
            Reason = pipeline.Reason,
            Taken = pipeline.IsTaken,
            Position = pipeline.Position,
            Delivered = pipeline.Delivered,
            Dead = pipeline.Dead,
            Rate = IsBusy(pipeline) ? Math.Round(pipeline.Rate, 1) : 0,
            Lag = new PipelineLag { Bytes = pipeline.LagBytes, Rows = pipeline.LagRows, Seconds = Math.Round(pipeline.LagSeconds, 3) },
            RetainedBytes = pipeline.RetainedBytes,
            Warning = Warning(pipeline),
            LastError = pipeline.LastError,
            LastErrorAt = pipeline.LastErrorAt,
            ChangedAt = pipeline.ChangedAt,
        };
    }

    /// <summary>What somebody should look at; null for nothing.</summary>
    public static string? Warning(PipelineStatus pipeline) =>
        pipeline.State != PipelineState.Lost && pipeline.RetainedBytes >= (pipeline.Definition.MaxRetainedMiB * (double)(1 << 20)) * PipelineLimits.WarnAt
            ? $"The database holds {pipeline.RetainedBytes} bytes for it; beyond {pipeline.Definition.MaxRetainedMiB} MiB it is given up."
            : null;

    // What it delivered a second when it last did so says nothing of now.
    private static bool IsBusy(PipelineStatus pipeline) => pipeline.IsTaken && (pipeline.LagSeconds > 0 || DateTimeOffset.UtcNow - pipeline.ChangedAt < OfLate);
}
