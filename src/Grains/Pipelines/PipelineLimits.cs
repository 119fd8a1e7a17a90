using HeliosEdge.Sandbox.HostServices.Sql.Changes;

namespace HeliosEdge.Grains.Pipelines;

/// <summary>What pipelines may take, and what they have where nobody says.</summary>
public static class PipelineLimits
{
    /// <summary>Whether the rows that are there come first, where nobody says: they do not.</summary>
    public const string DefaultSnapshot = PipelineCheck.Never;

    /// <summary>What stays in order, where nobody says.</summary>
    public static readonly string DefaultOrder = PipelineWords.Of(ChangeOrder.Table);

    /// <summary>What becomes of a change that is not taken, where nobody says.</summary>
    public static readonly string DefaultOnError = PipelineWords.Of(OnChangeError.Retry);

    /// <summary>Changes that a function gets at once, where nobody says.</summary>
    public const int DefaultMaxRows = 500;

    /// <summary>Changes that a function gets at once, at most.</summary>
    public const int MaxMaxRows = 10_000;

    /// <summary>Milliseconds that a change waits for others, where nobody says.</summary>
    public const int DefaultMaxWaitMs = 50;

    /// <summary>Milliseconds that a change waits for others, at most.</summary>
    public const int MaxMaxWaitMs = 60_000;

    /// <summary>MiB that a database holds for a pipeline, where nobody says.</summary>
    public const int DefaultMaxRetainedMiB = 1_024;

    /// <summary>MiB that a database holds for a pipeline, at most.</summary>
    public const int MaxMaxRetainedMiB = 1 << 20;

    /// <summary>Part of what may be held for a pipeline from which on its description warns.</summary>
    public const double WarnAt = 0.5;

    /// <summary>How often a change is tried that is not taken, where the pipeline tries again.</summary>
    public const int MaxAttempts = 6;

    /// <summary>Calls at the same time of a pipeline that keeps only the changes of each row in order.</summary>
    public const int Lanes = 4;

    /// <summary>Bytes of the events that come at once, whatever the function may get.</summary>
    public const int MaxBatchBytes = 4 << 20;

    /// <summary>Dead changes of a list, where nobody says.</summary>
    public const int DefaultDeadCount = 100;

    /// <summary>Dead changes of a list, at most.</summary>
    public const int MaxDeadCount = 1_000;

    /// <summary>The first wait before something is tried again; it doubles each time.</summary>
    public static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest wait before something is tried again.</summary>
    public static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(5);

    /// <summary>How often the databases are asked for pipelines that others have changed, and for those that no silo has.</summary>
    public static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    /// <summary>How long to wait before something is tried again.</summary>
    /// <param name="failures">How often in a row it has failed; at least once.</param>
    public static TimeSpan PauseAfter(int failures)
    {
        var most = FirstPause * Math.Pow(2, Math.Min(failures - 1, 20));
        return (most < MaxPause ? most : MaxPause) * (0.5 + (Random.Shared.NextDouble() / 2));
    }
}
