using System.Text;

namespace HeliosEdge.Client;

/// <summary>What one region of a fan-out answered.</summary>
/// <param name="Region">The region.</param>
/// <param name="Status">The HTTP status that a call of this region alone would have had; null where it does not come over HTTP.</param>
/// <param name="DurationUs">From when the region was asked until it had answered, in microseconds.</param>
public sealed record RegionResult(string Region, int? Status, long DurationUs)
{
    /// <summary>The response, where it is UTF-8.</summary>
    public string? Body { get; init; }

    /// <summary>The response in base64, where it is not UTF-8.</summary>
    public string? BodyBase64 { get; init; }

    /// <summary>Why there is no response; null if there is one.</summary>
    public FaultInfo? Problem { get; init; }

    /// <summary>The response's bytes.</summary>
    /// <exception cref="EdgeException">There is none; the exception is that of the region's failure.</exception>
    /// <exception cref="FormatException">The silo sent what is no base64.</exception>
    public byte[] ResponseBytes() => Problem is { } problem ? throw problem.ToException()
        : Body is not null ? Encoding.UTF8.GetBytes(Body)
        : Convert.FromBase64String(BodyBase64 ?? "");
}
