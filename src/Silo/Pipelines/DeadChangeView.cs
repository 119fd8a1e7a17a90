using System.Text.Json;

namespace HeliosEdge.Silo.Pipelines;

/// <summary>A change that was not taken.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Event">The event.</param>
/// <param name="Code">The error code.</param>
/// <param name="Message">Why it was not taken.</param>
/// <param name="At">When that was.</param>
internal sealed record DeadChangeView(long Id, JsonElement Event, string Code, string Message, DateTimeOffset At);
