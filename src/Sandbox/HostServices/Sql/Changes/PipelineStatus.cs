namespace HeliosEdge.Sandbox.HostServices.Sql.Changes;

/// <summary>A pipeline as it is now.</summary>
public sealed record PipelineStatus
{
    /// <summary>What it is.</summary>
    public required PipelineDefinition Definition { get; init; }

    /// <summary>Grows with each change of its definition, its state or, from outside, its position.</summary>
    public required long Revision { get; init; }

    /// <summary>How it is.</summary>
    public required PipelineState State { get; init; }

    /// <summary>Why it is so; null where there is nothing to say.</summary>
    public string? Reason { get; init; }

    /// <summary>Up to where it has delivered, in the words of its database; null before the first change.</summary>
    public string? Position { get; init; }

    /// <summary>Changes that it has delivered since it was made.</summary>
    public long Delivered { get; init; }

    /// <summary>Changes that wait among the dead.</summary>
    public long Dead { get; init; }

    /// <summary>Changes a second that it delivered of late.</summary>
    public double Rate { get; init; }

    /// <summary>What went wrong last; null for nothing.</summary>
    public string? LastError { get; init; }

    /// <summary>When that was.</summary>
    public DateTimeOffset? LastErrorAt { get; init; }

    /// <summary>When the change that was delivered last was committed.</summary>
    public DateTimeOffset? ChangedAt { get; init; }

    /// <summary>Bytes of the database's log between it and the newest change.</summary>
    public long LagBytes { get; init; }

    /// <summary>Changes that it has not delivered; null where the database cannot tell without reading them.</summary>
    public long? LagRows { get; init; }

    /// <summary>Seconds by which it is late.</summary>
    public double LagSeconds { get; init; }

    /// <summary>Bytes that the database holds for it.</summary>
    public long RetainedBytes { get; init; }

    /// <summary>Whether a silo has it now.</summary>
    public bool IsTaken { get; init; }
}
