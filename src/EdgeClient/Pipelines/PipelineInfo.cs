namespace HeliosEdge.Client;

/// <summary>A pipeline as it is now.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Source">What it gets the changes of.</param>
/// <param name="Function">The function that gets them.</param>
/// <param name="State"><c>running</c>, <c>paused</c>, <c>failed</c> or <c>lost</c>.</param>
/// <param name="Lag">How far it is behind.</param>
public sealed record PipelineInfo(string Name, PipelineSource Source, string Function, string State, PipelineLag Lag)
{
    /// <summary>How many changes come at once.</summary>
    public PipelineBatch? Batch { get; init; }

    /// <summary><c>table</c> or <c>key</c>: what stays in order.</summary>
    public string? Order { get; init; }

    /// <summary><c>retry</c>, <c>skip</c> or <c>stop</c>: what becomes of a change that is not taken.</summary>
    public string? OnError { get; init; }

    /// <summary>MiB of changes not delivered yet that the database may hold for it.</summary>
    public int MaxRetainedMiB { get; init; }

    /// <summary>What gets the function's answers; null for nothing.</summary>
    public PipelineSink? Sink { get; init; }

    /// <summary>Why it is in its state; null where there is nothing to say.</summary>
    public string? Reason { get; init; }

    /// <summary>Whether a silo has it now.</summary>
    public bool Taken { get; init; }

    /// <summary>Up to where it has delivered, in the words of its database; null before the first change.</summary>
    public string? Position { get; init; }

    /// <summary>Changes that it has delivered since it was made.</summary>
    public long Delivered { get; init; }

    /// <summary>Changes that wait among the dead.</summary>
    public long Dead { get; init; }

    /// <summary>Changes a second that it delivered of late.</summary>
    public double Rate { get; init; }

    /// <summary>Bytes that the database holds for it.</summary>
    public long RetainedBytes { get; init; }

    /// <summary>What somebody should look at; null for nothing.</summary>
    public string? Warning { get; init; }

    /// <summary>What went wrong last; null for nothing.</summary>
    public string? LastError { get; init; }

    /// <summary>When that was.</summary>
    public DateTimeOffset? LastErrorAt { get; init; }

    /// <summary>When the change that was delivered last was committed.</summary>
    public DateTimeOffset? ChangedAt { get; init; }
}
