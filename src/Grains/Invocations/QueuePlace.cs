namespace HeliosEdge.Grains.Invocations;

/// <summary>Where an asynchronous invocation is to run.</summary>
/// <param name="Region">The region.</param>
/// <param name="MaxPayloadBytes">The payload that it may have.</param>
/// <param name="MaxAttempts">How often it may be tried.</param>
public sealed record QueuePlace(string Region, int MaxPayloadBytes, int MaxAttempts);
