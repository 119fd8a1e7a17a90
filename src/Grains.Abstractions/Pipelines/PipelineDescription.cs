using Orleans;

namespace HeliosEdge.Grains.Abstractions.Pipelines;

/// <summary>A pipeline as it is now.</summary>
[GenerateSerializer]
[Immutable]
[Alias("HeliosEdge.PipelineDescription")]
public sealed record PipelineDescription
{
    /// <summary>Its name.</summary>
    [Id(0)]
    public required string Name { get; init; }

    /// <summary>What it gets the changes of.</summary>
    [Id(1)]
    public required PipelineSource Source { get; init; }

    /// <summary>The function that gets them.</summary>
    [Id(2)]
    public required string Function { get; init; }

    /// <summary>How many come at once.</summary>
    [Id(3)]
    public required PipelineBatch Batch { get; init; }

    /// <summary><c>table</c> or <c>key</c>: what stays in order.</summary>
    [Id(4)]
    public required string Order { get; init; }

    /// <summary><c>retry</c>, <c>skip</c> or <c>stop</c>.</summary>
    [Id(5)]
    public required string OnError { get; init; }

    /// <summary>MiB of changes not delivered yet that the database may hold for it.</summary>
    [Id(6)]
    public required int MaxRetainedMiB { get; init; }

    /// <summary>What gets the function's answers; null for nothing.</summary>
    [Id(7)]
    public PipelineSinkTerms? Sink { get; init; }

    /// <summary><c>running</c>, <c>paused</c>, <c>failed</c> or <c>lost</c>.</summary>
    [Id(8)]
    public required string State { get; init; }

    /// <summary>Why it is so; null where there is nothing to say.</summary>
    [Id(9)]
    public string? Reason { get; init; }

    /// <summary>Whether a silo has it now.</summary>
    [Id(10)]
    public bool Taken { get; init; }

    /// <summary>Up to where it has delivered, in the words of its database; null before the first change.</summary>
    [Id(11)]
    public string? Position { get; init; }

    /// <summary>Changes that it has delivered since it was made.</summary>
    [Id(12)]
    public long Delivered { get; init; }

    /// <summary>Changes that wait among the dead.</summary>
    [Id(13)]
    public long Dead { get; init; }

    /// <summary>Changes a second that it delivered of late.</summary>
    [Id(14)]
    public double Rate { get; init; }

    /// <summary>How far it is behind.</summary>
    [Id(15)]
    public required PipelineLag Lag { get; init; }

    /// <summary>Bytes that the database holds for it.</summary>
    [Id(16)]
    public long RetainedBytes { get; init; }

    /// <summary>What somebody should look at; null for nothing.</summary>
    [Id(17)]
    public string? Warning { get; init; }

    /// <summary>What went wrong last; null for nothing.</summary>
    [Id(18)]
    public string? LastError { get; init; }

    /// <summary>When that was.</summary>
    [Id(19)]
    public DateTimeOffset? LastErrorAt { get; init; }

    /// <summary>When the change that was delivered last was committed.</summary>
    [Id(20)]
    public DateTimeOffset? ChangedAt { get; init; }
}
