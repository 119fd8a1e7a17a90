namespace HeliosEdge.Client;

/// <summary>A change of a silo's state, made or tried, from its log.</summary>
/// <param name="Number">Its place in the log.</param>
/// <param name="At">When it began.</param>
/// <param name="Who">Who made it, such as <c>key:abcdefghij23</c>, <c>jwt:alice</c> or <c>loopback</c>.</param>
/// <param name="Action">What was done, such as <c>function.put</c>.</param>
/// <param name="Target">What it was done to: the path of the resource.</param>
/// <param name="Address">Where it came from.</param>
public sealed record ChangeInfo(long Number, DateTimeOffset At, string Who, string Action, string Target, string Address)
{
    /// <summary>The HTTP status of the answer; null while it runs, or if the silo ended before it was answered.</summary>
    public int? Status { get; init; }
}
