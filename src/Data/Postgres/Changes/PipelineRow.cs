using HeliosEdge.Sandbox.HostServices.Sql.Changes;

namespace HeliosEdge.Data.Postgres.Changes;

/// <summary>A pipeline as the database has it, with what the server says of its slot.</summary>
internal sealed record PipelineRow
{
    public required PipelineDefinition Definition { get; init; }

    public required long Revision { get; init; }

    public required PipelineState State { get; init; }

    public string? Reason { get; init; }

    /// <summary>The name of its slot and of its publication.</summary>
    public required string Slot { get; init; }

    /// <summary>Whether a snapshot comes first, or is under way.</summary>
    public bool IsSnapshotDue { get; init; }

    /// <summary>Whether its slot was made.</summary>
    public bool IsMade { get; init; }

    public ChangePosition? Position { get; init; }

    /// <summary>What lies before in the log need not be held.</summary>
    public long Floor { get; init; }

    /// <summary>Up to where nothing in the log is left for it.</summary>
    public long Seen { get; init; }

    public DateTimeOffset SeenAt { get; init; }

    public long Delivered { get; init; }

    public long Dead { get; init; }

    public double Rate { get; init; }

    public string? LastError { get; init; }

    public DateTimeOffset? LastErrorAt { get; init; }

    public DateTimeOffset? ChangedAt { get; init; }

    /// <summary>Whether its slot is there.</summary>
    public bool HasSlot { get; init; }

    /// <summary>Whether the server has given up what it held for the slot.</summary>
    public bool IsInvalid { get; init; }

    /// <summary>The oldest place in the log from which it can go on.</summary>
    public long Confirmed { get; init; }

    /// <summary>The oldest place in the log that the server keeps for it.</summary>
    public long Restart { get; init; }

    /// <summary>The end of the log.</summary>
    public long Current { get; init; }

    public bool IsTaken { get; init; }

    /// <summary>Why what it needs is not there any more; null where it is.</summary>
    public string? WhyLost => State == PipelineState.Lost || IsSnapshotDue || !IsMade ? null
        : !HasSlot ? $"Somebody has dropped its replication slot {Slot}."
        : IsInvalid ? $"The server has given up the log that its replication slot {Slot} held (max_slot_wal_keep_size)."
        : null;

    /// <summary>From where in the log a pipeline must read that has delivered up to a position.</summary>
    public static long NeedOf(ChangePosition position) => position.Index == long.MaxValue ? position.Commit + 1 : position.Commit;

    /// <summary>The pipeline for people.</summary>
    /// <param name="stream">The stream of it that is open here; null for none.</param>
    public PipelineStatus ToStatus(PostgresChangeStream? stream)
    {
        var here = stream?.Revision == Revision ? stream : null;
        var lag = Math.Max(0, Current - Math.Max(Seen, here?.Seen ?? 0));
        var isIdle = here is not null ? here.PendingSince is null : lag == 0 || (IsTaken && !IsSnapshotDue && lag <= PostgresChangeStream.SeenStep);
        var since = here?.PendingSince ?? (ChangedAt > SeenAt ? ChangedAt.Value : SeenAt);
        return new PipelineStatus
        {
            Definition = Definition,
            Revision = Revision,
            State = WhyLost is null ? State : PipelineState.Lost,
            Reason = WhyLost ?? Reason,
            Position = Position is { } position ? PipelineNames.TextOf(position) : null,
            Delivered = Delivered,
            Dead = Dead,
            Rate = Rate,
            LastError = LastError,
            LastErrorAt = LastErrorAt,
            ChangedAt = ChangedAt,
            LagBytes = State == PipelineState.Lost ? 0 : lag,
            LagSeconds = isIdle || State == PipelineState.Lost ? 0 : Math.Max(0, (DateTimeOffset.UtcNow - since).TotalSeconds),
            RetainedBytes = HasSlot && Restart > 0 ? Math.Max(0, Current - Restart) : 0,
            IsTaken = IsTaken,
        };
    }
}
