using Orleans;

namespace HeliosEdge.Grains.Abstractions.FanOuts;

/// <summary>When a fan-out is done. The numbers are stored and never change.</summary>
[GenerateSerializer]
[Alias("HeliosEdge.FanOutMode")]
public enum FanOutMode
{
    /// <summary>Once every region has answered.</summary>
    All = 0,

    /// <summary>Once one region has succeeded.</summary>
    First = 1,

    /// <summary>Once as many regions have succeeded as were asked for.</summary>
    Quorum = 2,
}
