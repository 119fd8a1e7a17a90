namespace HeliosEdge.Sandbox.HostServices.Sql.Changes;

/// <summary>A change that was not taken.</summary>
/// <param name="Id">Its number; 0 for one that is not stored yet.</param>
/// <param name="Event">The event, an object of JSON.</param>
/// <param name="Code">The error code.</param>
/// <param name="Message">Why it was not taken.</param>
/// <param name="At">When that was.</param>
public sealed record DeadChange(long Id, ReadOnlyMemory<byte> Event, string Code, string Message, DateTimeOffset At);
