using Orleans;

namespace HeliosEdge.Grains.Abstractions.Pipelines;

/// <summary>What can be done with pipelines.</summary>
[GenerateSerializer]
[Alias("HeliosEdge.PipelineAction")]
public enum PipelineAction
{
    /// <summary>Lists them.</summary>
    List,

    /// <summary>Makes one, in place of one with the same name.</summary>
    Put,

    /// <summary>Removes one with all that is held for it.</summary>
    Delete,

    /// <summary>Has one wait.</summary>
    Pause,

    /// <summary>Has one go on.</summary>
    Resume,

    /// <summary>Has one deliver again.</summary>
    Replay,

    /// <summary>Lists changes of one that were not taken.</summary>
    ListDead,

    /// <summary>Delivers a dead change once more.</summary>
    RetryDead,

    /// <summary>Forgets a dead change.</summary>
    DiscardDead,
}
