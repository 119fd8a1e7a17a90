namespace HeliosEdge.Client;

/// <summary>Which regions a fan-out calls, and when it is done.</summary>
public sealed record FanOutRequest
{
    /// <summary>The regions; null for all that serve the function.</summary>
    public IReadOnlyList<string>? Regions { get; init; }

    /// <summary>When it is done.</summary>
    public FanOutMode Mode { get; init; }

    /// <summary>How many regions must succeed; only for <see cref="FanOutMode.Quorum"/>.</summary>
    public int? Quorum { get; init; }

    /// <summary>What each guest gets; at most 768 KiB.</summary>
    public ReadOnlyMemory<byte> Payload { get; init; }
}
