using Orleans;

namespace HeliosEdge.Grains.Abstractions.FanOuts;

/// <summary>Where a durable fan-out is. The numbers never change.</summary>
[GenerateSerializer]
[Alias("HeliosEdge.FanOutState")]
public enum FanOutState
{
    /// <summary>Until as many regions have succeeded as were asked for, or all have ended.</summary>
    Running = 0,

    /// <summary>Enough regions have succeeded.</summary>
    Succeeded = 1,

    /// <summary>All have ended, and too few of them succeeded.</summary>
    Failed = 2,
}
