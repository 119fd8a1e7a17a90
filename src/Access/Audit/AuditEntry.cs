namespace HeliosEdge.Access.Audit;

/// <summary>One change, made or tried.</summary>
/// <param name="Number">Its place in the log.</param>
/// <param name="At">When it began.</param>
/// <param name="Who">Who made it, such as <c>key:abcdefghij23</c>, <c>jwt:alice</c> or <c>loopback</c>.</param>
/// <param name="Action">What was done, such as <c>function.put</c>.</param>
/// <param name="Target">What it was done to: the path of the resource.</param>
/// <param name="Status">The HTTP status of the answer; null while it runs, or if the silo ended before it was answered.</param>
/// <param name="Address">Where it came from.</param>
internal sealed record AuditEntry(long Number, DateTimeOffset At, string Who, string Action, string Target, int? Status, string Address);
