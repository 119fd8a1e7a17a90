using Orleans;

namespace HeliosEdge.Grains.Abstractions.Databases;

/// <summary>What can be done with triggers.</summary>
[GenerateSerializer]
[Alias("HeliosEdge.TriggerAction")]
public enum TriggerAction
{
    /// <summary>Lists them.</summary>
    List,

    /// <summary>Makes one, in place of one with the same name.</summary>
    Put,

    /// <summary>Has one judge again.</summary>
    Enable,

    /// <summary>Has one let everything pass.</summary>
    Disable,

    /// <summary>Removes one.</summary>
    Delete,
}
