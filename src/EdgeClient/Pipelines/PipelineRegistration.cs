namespace HeliosEdge.Client;

/// <summary>What a pipeline is to be: which function gets the changes of which tables.</summary>
public sealed record PipelineRegistration
{
    /// <summary>What it gets the changes of.</summary>
    public required PipelineSource Source { get; init; }

    /// <summary>The name of the function that gets them, as <c>{"pipeline": "…", "events": […]}</c> with events in Debezium's form.</summary>
    public required string Function { get; init; }

    /// <summary>How many come at once; null for the silo's defaults.</summary>
    public PipelineBatch? Batch { get; init; }

    /// <summary><c>table</c> or null: all changes stay in order; <c>key</c>: those of each row do.</summary>
    public string? Order { get; init; }

    /// <summary>What becomes of a change that is not taken: <c>retry</c> or null, <c>skip</c>, or <c>stop</c>.</summary>
    public string? OnError { get; init; }

    /// <summary>MiB of changes not delivered yet that the database may hold for it; null for the silo's default.</summary>
    public int? MaxRetainedMiB { get; init; }

    /// <summary>What gets the function's answers; null for nothing.</summary>
    public PipelineSink? Sink { get; init; }
}
