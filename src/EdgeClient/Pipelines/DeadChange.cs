using System.Text.Json;

namespace HeliosEdge.Client;

/// <summary>A change that a pipeline's function, or its sink, did not take.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Event">The event, in Debezium's form.</param>
/// <param name="Code">The error code.</param>
/// <param name="Message">Why it was not taken.</param>
/// <param name="At">When that was.</param>
public sealed record DeadChange(long Id, JsonElement Event, string Code, string Message, DateTimeOffset At);
